/* Halos by MPI_Irecv, MPI_Isend and MPI_Waitall, while the inner points are computed. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 500
#define STEPS 100

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);

  int first = 1 + (int)((long)N * rank / size), end = 1 + (int)((long)N * (rank + 1) / size);
  int n = end - first;
  /* ranks without points take no part in the exchange */
  int left = MPI_PROC_NULL, right = MPI_PROC_NULL;
  for (int p = rank - 1; p >= 0 && left == MPI_PROC_NULL && n > 0; p--)
    if ((long)N * (p + 1) / size > (long)N * p / size)
      left = p;
  for (int p = rank + 1; p < size && right == MPI_PROC_NULL && n > 0; p++)
    if ((long)N * (p + 1) / size > (long)N * p / size)
      right = p;

  double *u = malloc((n + 2) * sizeof(double)), *v = malloc((n + 2) * sizeof(double));
  for (int i = 0; i <= n + 1; i++) {
    int g = first - 1 + i;
    u[i] = g * 0.01 + (g % 7) * 0.25;
  }
  for (int t = 0; t < STEPS; t++) {
    MPI_Request r[4];
    MPI_Irecv(&u[0], 1, MPI_DOUBLE, left, 0, MPI_COMM_WORLD, &r[0]);
    MPI_Irecv(&u[n + 1], 1, MPI_DOUBLE, right, 1, MPI_COMM_WORLD, &r[1]);
    MPI_Isend(&u[n], 1, MPI_DOUBLE, right, 0, MPI_COMM_WORLD, &r[2]);
    MPI_Isend(&u[1], 1, MPI_DOUBLE, left, 1, MPI_COMM_WORLD, &r[3]);
    for (int i = 2; i < n; i++)
      v[i] = u[i] + 0.1 * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
    MPI_Waitall(4, r, MPI_STATUSES_IGNORE);
    if (n > 0)
      v[1] = u[1] + 0.1 * (u[0] - 2.0 * u[1] + u[2]);
    if (n > 1)
      v[n] = u[n] + 0.1 * (u[n - 1] - 2.0 * u[n] + u[n + 1]);
    for (int i = 1; i <= n; i++)
      u[i] = v[i];
  }

  /* one rank after the other sends its points to rank 0 */
  if (rank == 0) {
    double *all = malloc((N + 2) * sizeof(double));
    all[0] = 0.0;
    all[N + 1] = (N + 1) * 0.01 + ((N + 1) % 7) * 0.25;
    for (int i = 1; i <= n; i++)
      all[first - 1 + i] = u[i];
    for (int p = 1; p < size; p++) {
      int from = 1 + (int)((long)N * p / size), to = 1 + (int)((long)N * (p + 1) / size);
      MPI_Recv(&all[from], to - from, MPI_DOUBLE, p, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    for (int i = 0; i <= N + 1; i++)
      printf("%.8f\n", all[i]);
    free(all);
  } else {
    MPI_Send(&u[1], n, MPI_DOUBLE, 0, 5, MPI_COMM_WORLD);
  }
  free(u);
  free(v);
  MPI_Finalize();
  return 0;
}
