/* The nearest of all ranks by an operation of the program's own; points are dealt in turn. */
#include <math.h>
#include <mpi.h>
#include <stdio.h>

#define N 900

typedef struct {
  double distance;
  int index;
} Nearest;

static void nearer(void *in, void *inout, int *count, MPI_Datatype *type) {
  Nearest *a = in, *b = inout;
  (void)type;
  for (int k = 0; k < *count; k++)
    if (a[k].distance < b[k].distance || (a[k].distance == b[k].distance && a[k].index < b[k].index))
      b[k].distance = a[k].distance, b[k].index = a[k].index; /* the last pair may have no padding */
}

int main(int argc, char *argv[]) {
  int rank, size, near = 0, total = 0;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Op operation;
  MPI_Op_create(nearer, 1, &operation);
  Nearest mine = {1e30, N}, best;
  for (int i = rank; i < N; i += size) {
    double x = fmod(i * 0.37, 5.0) - 2.1, y = fmod(i * 0.91, 3.0) - 1.3;
    double d = sqrt(x * x + y * y);
    if (d < mine.distance) {
      mine.distance = d;
      mine.index = i;
    }
    if (d < 1.0)
      near++;
  }
  MPI_Allreduce(&mine, &best, 1, MPI_DOUBLE_INT, operation, MPI_COMM_WORLD);
  MPI_Reduce(&near, &total, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0)
    printf("%d %.8f %d\n", best.index, best.distance, total);
  MPI_Op_free(&operation);
  MPI_Finalize();
  return 0;
}
