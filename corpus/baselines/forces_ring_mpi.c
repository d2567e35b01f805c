/* Blocks of bodies travel around a ring by MPI_Sendrecv_replace; each rank meets all of them. */
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 120

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int most = (N + size - 1) / size;
  int begin = N * rank / size, n = N * (rank + 1) / size - begin;
  double *x = calloc(most, sizeof(double)), *y = calloc(most, sizeof(double)), *f = calloc(most, sizeof(double));
  for (int i = 0; i < n; i++)
    x[i] = begin + i + 0.25 * ((begin + i) % 3);
  memcpy(y, x, most * sizeof(double));
  for (int step = 0; step < size; step++) {
    int from = (rank + step) % size;
    int there = N * (from + 1) / size - N * from / size;
    for (int i = 0; i < n; i++)
      for (int j = 0; j < there; j++) {
        double d = y[j] - x[i];
        f[i] += d / (fabs(d * d * d) + 0.01);
      }
    MPI_Sendrecv_replace(y, most, MPI_DOUBLE, (rank + size - 1) % size, step, (rank + 1) % size, step, MPI_COMM_WORLD,
                         MPI_STATUS_IGNORE);
  }
  double local = 0.0, largest;
  for (int i = 0; i < n; i++)
    if (fabs(f[i]) > local)
      local = fabs(f[i]);
  MPI_Reduce(&local, &largest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  if (rank == 0) {
    for (int i = 0; i < n; i++)
      printf("%.8e\n", f[i]);
    for (int p = 1; p < size; p++) {
      int count;
      MPI_Status status;
      MPI_Probe(p, 0, MPI_COMM_WORLD, &status);
      MPI_Get_count(&status, MPI_DOUBLE, &count);
      MPI_Recv(f, count, MPI_DOUBLE, p, 0, MPI_COMM_WORLD, &status);
      for (int i = 0; i < count; i++)
        printf("%.8e\n", f[i]);
    }
    printf("%.8e\n", largest);
  } else {
    MPI_Send(f, n, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
  }
  free(x);
  free(y);
  free(f);
  MPI_Finalize();
  return 0;
}
