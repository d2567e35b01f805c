/* Results come from any worker, in any order: each goes to the place that its tag says. */
#include <mpi.h>
#include <stdio.h>

#define TASKS 40

static double work(int k) {
  double s = 0.0;
  for (int i = 0; i <= k % 4; i++)
    s += 1.0 / (1.0 + k + i);
  return s;
}

int main(int argc, char *argv[]) {
  int rank, size;
  double result[TASKS], sum = 0.0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  for (int k = rank; k < TASKS; k += size)
    result[k] = work(k);
  if (rank > 0) {
    double mine[TASKS];
    int n = 0;
    for (int k = rank; k < TASKS; k += size)
      mine[n++] = result[k];
    MPI_Send(mine, n, MPI_DOUBLE, 0, rank, MPI_COMM_WORLD);
  } else {
    for (int w = 1; w < size; w++) {
      double theirs[TASKS];
      int n;
      MPI_Status status;
      MPI_Recv(theirs, TASKS, MPI_DOUBLE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
      MPI_Get_count(&status, MPI_DOUBLE, &n);
      for (int i = 0; i < n; i++)
        result[status.MPI_TAG + i * size] = theirs[i];
    }
    for (int k = 0; k < TASKS; k++)
      printf("%d %.10f\n", k, result[k]);
    for (int k = 0; k < TASKS; k++)
      sum += result[k];
    printf("%.10f\n", sum);
  }
  MPI_Finalize();
  return 0;
}
