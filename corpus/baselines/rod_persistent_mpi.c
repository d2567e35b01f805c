/* Halos by persistent requests that are started in each step; blocks of equal length, the last one shorter. */
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

  int block = (N + size - 1) / size;
  int first = 1 + rank * block;
  int n = first > N ? 0 : (first + block - 1 > N ? N - first + 1 : block);
  int has_right = n > 0 && first + n <= N;
  int left = n > 0 && rank > 0 ? rank - 1 : MPI_PROC_NULL;
  int right = has_right ? rank + 1 : MPI_PROC_NULL;

  double *u = calloc(block + 2, sizeof(double)), *v = calloc(block + 2, sizeof(double));
  for (int i = 0; i <= n + 1; i++)
    u[i] = (first - 1 + i) * 0.01 + ((first - 1 + i) % 7) * 0.25;

  MPI_Request halo[4];
  MPI_Send_init(&u[1], 1, MPI_DOUBLE, left, 10, MPI_COMM_WORLD, &halo[0]);
  MPI_Send_init(&u[n], 1, MPI_DOUBLE, right, 11, MPI_COMM_WORLD, &halo[1]);
  MPI_Recv_init(&u[0], 1, MPI_DOUBLE, left, 11, MPI_COMM_WORLD, &halo[2]);
  MPI_Recv_init(&u[n + 1], 1, MPI_DOUBLE, right, 10, MPI_COMM_WORLD, &halo[3]);
  for (int t = 0; t < STEPS; t++) {
    MPI_Startall(4, halo);
    MPI_Waitall(4, halo, MPI_STATUSES_IGNORE);
    for (int i = 1; i <= n; i++)
      v[i] = u[i] + 0.1 * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
    for (int i = 1; i <= n; i++)
      u[i] = v[i];
  }
  for (int k = 0; k < 4; k++)
    MPI_Request_free(&halo[k]);

  double *all = rank == 0 ? malloc(size * block * sizeof(double)) : NULL;
  MPI_Gather(&u[1], block, MPI_DOUBLE, all, block, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  if (rank == 0) {
    printf("%.8f\n", 0.0);
    for (int i = 0; i < N; i++)
      printf("%.8f\n", all[i]);
    printf("%.8f\n", (N + 1) * 0.01 + ((N + 1) % 7) * 0.25);
    free(all);
  }
  free(u);
  free(v);
  MPI_Finalize();
  return 0;
}
