/* A ring of ranks as a periodic grid; halo rows by MPI_Neighbor_alltoall, two per rank. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 48
#define M 10
#define STEPS 12

int main(int argc, char *argv[]) {
  int size, rank;
  MPI_Init(&argc, &argv);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int dims[1] = {size < N ? size : N}, periods[1] = {1};
  MPI_Comm ring;
  MPI_Cart_create(MPI_COMM_WORLD, 1, dims, periods, 0, &ring);
  if (ring != MPI_COMM_NULL) {
    MPI_Comm_rank(ring, &rank);
    MPI_Comm_size(ring, &size);
    int top = N * rank / size, rows = N * (rank + 1) / size - top;
    double(*a)[M] = malloc((rows + 2) * sizeof *a), (*b)[M] = malloc((rows + 2) * sizeof *b);
    double send[2][M], receive[2][M];
    for (int i = 1; i <= rows; i++)
      for (int j = 0; j < M; j++)
        a[i][j] = ((top + i - 1) * j) % 6;
    for (int t = 0; t < STEPS; t++) {
      memcpy(send[0], a[1], sizeof send[0]);
      memcpy(send[1], a[rows], sizeof send[1]);
      MPI_Neighbor_alltoall(send, M, MPI_DOUBLE, receive, M, MPI_DOUBLE, ring);
      memcpy(a[0], receive[0], sizeof receive[0]);
      memcpy(a[rows + 1], receive[1], sizeof receive[1]);
      for (int i = 1; i <= rows; i++)
        for (int j = 0; j < M; j++)
          b[i][j] = 0.5 * a[i][j] + 0.25 * (a[i - 1][j] + a[i + 1][j]);
      for (int i = 1; i <= rows; i++)
        memcpy(a[i], b[i], sizeof a[i]);
    }
    double *ends = malloc(2 * (rows + 1) * sizeof(double)), *all = NULL;
    int *counts = malloc(size * sizeof(int)), *places = malloc(size * sizeof(int));
    for (int i = 1; i <= rows; i++) {
      ends[2 * i - 2] = a[i][0];
      ends[2 * i - 1] = a[i][M - 1];
    }
    for (int p = 0; p < size; p++) {
      places[p] = 2 * (N * p / size);
      counts[p] = 2 * (N * (p + 1) / size) - places[p];
    }
    if (rank == 0)
      all = malloc(2 * N * sizeof(double));
    MPI_Gatherv(ends, 2 * rows, MPI_DOUBLE, all, counts, places, MPI_DOUBLE, 0, ring);
    if (rank == 0)
      for (int i = 0; i < N; i++)
        printf("%d %.7f %.7f\n", i, all[2 * i], all[2 * i + 1]);
    free(all);
    free(ends);
    free(counts);
    free(places);
    free(a);
    free(b);
    MPI_Comm_free(&ring);
  }
  MPI_Finalize();
  return 0;
}
