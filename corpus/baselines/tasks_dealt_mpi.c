/* A manager deals tasks to the workers in turn and collects the results from each by name; alone it works itself. */
#include <mpi.h>
#include <stdio.h>

#define TASKS 60
enum { WORK = 1, RESULT, STOP };

static double work(int k) {
  double s = 0.0;
  for (int i = 0; i <= k % 9; i++)
    s += 1.0 / (1.0 + k + i);
  return s;
}

static void manage(int size) {
  double result[TASKS], sum = 0.0;
  for (int first = 0; first < TASKS; first += size > 1 ? size - 1 : 1) {
    int now = TASKS - first < size - 1 ? TASKS - first : size - 1;
    for (int w = 0; w < now; w++) {
      int k = first + w;
      MPI_Send(&k, 1, MPI_INT, w + 1, WORK, MPI_COMM_WORLD);
    }
    for (int w = 0; w < now; w++)
      MPI_Recv(&result[first + w], 1, MPI_DOUBLE, w + 1, RESULT, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (size == 1)
      result[first] = work(first);
  }
  for (int w = 1; w < size; w++)
    MPI_Send(NULL, 0, MPI_INT, w, STOP, MPI_COMM_WORLD);
  for (int k = 0; k < TASKS; k++)
    printf("%d %.10f\n", k, result[k]);
  for (int k = 0; k < TASKS; k++)
    sum += result[k];
  printf("%.10f\n", sum);
}

static void serve(void) {
  MPI_Status status;
  int k;
  while (1) {
    MPI_Recv(&k, 1, MPI_INT, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    if (status.MPI_TAG == STOP)
      break;
    double r = work(k);
    MPI_Send(&r, 1, MPI_DOUBLE, 0, RESULT, MPI_COMM_WORLD);
  }
}

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (rank == 0)
    manage(size);
  else
    serve();
  MPI_Finalize();
  return 0;
}
