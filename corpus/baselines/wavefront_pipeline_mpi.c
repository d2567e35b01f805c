/* Blocks of rows in a pipeline: a rank begins a sweep when the one above has sent its last row, column by column. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 30
#define SWEEPS 8

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int ranks = size < N ? size : N;
  MPI_Comm line;
  MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank, &line);
  double sum = 0.0, corner = 0.0;
  if (line != MPI_COMM_NULL) {
    int top = N * rank / ranks, rows = N * (rank + 1) / ranks - top;
    int above = rank > 0 ? rank - 1 : MPI_PROC_NULL, below = rank + 1 < ranks ? rank + 1 : MPI_PROC_NULL;
    double(*a)[N + 2] = malloc((rows + 2) * sizeof *a);
    for (int i = 0; i < rows + 2; i++)
      for (int j = 0; j < N + 2; j++)
        a[i][j] = (top + i + 2 * j) % 5;
    for (int t = 0; t < SWEEPS; t++) {
      /* the row below as it was before this sweep */
      MPI_Request r[2];
      MPI_Isend(&a[1][1], N, MPI_DOUBLE, above, 2 * t, line, &r[0]);
      MPI_Irecv(&a[rows + 1][1], N, MPI_DOUBLE, below, 2 * t, line, &r[1]);
      MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
      for (int j = 1; j <= N; j++) {
        MPI_Recv(&a[0][j], 1, MPI_DOUBLE, above, 2 * t + 1, line, MPI_STATUS_IGNORE);
        for (int i = 1; i <= rows; i++)
          a[i][j] = 0.25 * (a[i - 1][j] + a[i][j - 1] + a[i + 1][j] + a[i][j + 1]);
        MPI_Send(&a[rows][j], 1, MPI_DOUBLE, below, 2 * t + 1, line);
      }
    }
    double own = 0.0;
    for (int i = 1; i <= rows; i++)
      for (int j = 1; j <= N; j++)
        own += a[i][j];
    MPI_Reduce(&own, &sum, 1, MPI_DOUBLE, MPI_SUM, 0, line);
    corner = a[1][1];
    free(a);
    MPI_Comm_free(&line);
  }
  if (rank == 0)
    printf("%.10f %.10f\n", sum, corner);
  MPI_Finalize();
  return 0;
}
