/* Cells are dealt in blocks; even ranks send first, odd ones receive first. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 600
#define STEPS 50

static int begin_of(int rank, int size) {
  return rank * (N / size) + (rank < N % size ? rank : N % size);
}

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int ranks = size < N ? size : N; /* that have cells */
  int begin = begin_of(rank, size), n = begin_of(rank + 1, size) - begin;
  double *u = malloc((n + 1) * sizeof(double)), *v = malloc((n + 1) * sizeof(double));
  for (int i = 1; i <= n; i++)
    u[i] = ((begin + i - 1) * 7 % 11) * 0.5;

  for (int t = 0; t < STEPS && rank < ranks; t++) {
    int next = (rank + 1) % ranks, previous = (rank + ranks - 1) % ranks;
    if (ranks == 1) {
      u[0] = u[n];
    } else if (rank % 2 == 0 && !(rank == ranks - 1)) {
      MPI_Ssend(&u[n], 1, MPI_DOUBLE, next, t, MPI_COMM_WORLD);
      MPI_Recv(&u[0], 1, MPI_DOUBLE, previous, t, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    } else {
      MPI_Recv(&u[0], 1, MPI_DOUBLE, previous, t, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      MPI_Ssend(&u[n], 1, MPI_DOUBLE, next, t, MPI_COMM_WORLD);
    }
    for (int i = 1; i <= n; i++)
      v[i] = u[i] - 0.4 * (u[i] - u[i - 1]);
    for (int i = 1; i <= n; i++)
      u[i] = v[i];
  }

  double sum = 0.0, total, middle = 0.0;
  for (int i = 1; i <= n; i++)
    sum += u[i];
  MPI_Reduce(&sum, &total, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  int owner = 0;
  while (begin_of(owner + 1, size) <= N / 2)
    owner++;
  if (rank == owner)
    middle = u[N / 2 - begin + 1];
  MPI_Bcast(&middle, 1, MPI_DOUBLE, owner, MPI_COMM_WORLD);
  if (rank == 0)
    printf("%.10e %.10e\n", total, middle);
  free(u);
  free(v);
  MPI_Finalize();
  return 0;
}
