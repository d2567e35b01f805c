/* Rows of B go round by MPI_Ibcast, one owner after the other; the next one travels while this one is used. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 24

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int begin = N * rank / size, n = N * (rank + 1) / size - begin;
  double(*a)[N] = malloc((n + 1) * sizeof *a), (*c)[N] = malloc((n + 1) * sizeof *c);
  double row[2][N];
  MPI_Request r;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = ((begin + i) * 5 + j * 3) % 7 - 2.0;
      c[i][j] = 0.0;
    }
  /* row k of B is made by rank k % size */
  for (int j = 0; j < N && rank == 0; j++)
    row[0][j] = j * 4 % 9 * 0.5;
  MPI_Ibcast(row[0], N, MPI_DOUBLE, 0, MPI_COMM_WORLD, &r);
  for (int k = 0; k < N; k++) {
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    if (k + 1 < N) {
      double *next = row[(k + 1) % 2];
      if (rank == (k + 1) % size)
        for (int j = 0; j < N; j++)
          next[j] = (k + 1 + j * 4) % 9 * 0.5;
      MPI_Ibcast(next, N, MPI_DOUBLE, (k + 1) % size, MPI_COMM_WORLD, &r);
    }
    for (int i = 0; i < n; i++)
      for (int j = 0; j < N; j++)
        c[i][j] += a[i][k] * row[k % 2][j];
  }
  double part = 0.0, trace = 0.0;
  for (int i = 0; i < n; i++)
    part += c[i][begin + i];
  MPI_Reduce(&part, &trace, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);

  MPI_Datatype line;
  MPI_Type_contiguous(N, MPI_DOUBLE, &line);
  MPI_Type_commit(&line);
  if (rank == 0) {
    static double all[N][N];
    MPI_Request *requests = malloc(size * sizeof(MPI_Request));
    for (int i = 0; i < n; i++)
      for (int j = 0; j < N; j++)
        all[i][j] = c[i][j];
    requests[0] = MPI_REQUEST_NULL;
    for (int p = 1; p < size; p++)
      MPI_Irecv(all[N * p / size], N * (p + 1) / size - N * p / size, line, p, 0, MPI_COMM_WORLD, &requests[p]);
    MPI_Waitall(size, requests, MPI_STATUSES_IGNORE);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        printf("%.4f\n", all[i][j]);
    printf("trace %.6f\n", trace);
    free(requests);
  } else {
    MPI_Send(c, n, line, 0, 0, MPI_COMM_WORLD);
  }
  MPI_Type_free(&line);
  free(a);
  free(c);
  MPI_Finalize();
  return 0;
}
