/* The root has the data: scattered in blocks of different lengths, gathered again. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 1000

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);

  int *counts = malloc(size * sizeof(int));
  int *places = malloc(size * sizeof(int));
  for (int p = 0, sum = 0; p < size; p++) {
    counts[p] = N / size + (p < N % size ? 1 : 0);
    places[p] = sum;
    sum += counts[p];
  }
  int mine = counts[rank];
  double *x = NULL, *y = NULL;
  if (rank == 0) {
    x = malloc(N * sizeof(double));
    y = malloc(N * sizeof(double));
    for (int i = 0; i < N; i++) {
      x[i] = 0.5 * (i % 17) - 3.0;
      y[i] = 1.0 / (i + 1);
    }
  }
  double *a = malloc((mine + 1) * sizeof(double));
  double *b = malloc((mine + 1) * sizeof(double));
  MPI_Scatterv(x, counts, places, MPI_DOUBLE, a, mine, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  MPI_Scatterv(y, counts, places, MPI_DOUBLE, b, mine, MPI_DOUBLE, 0, MPI_COMM_WORLD);

  double largest = -1e30, result;
  for (int i = 0; i < mine; i++) {
    b[i] += 2.5 * a[i];
    if (b[i] > largest)
      largest = b[i];
  }
  MPI_Gatherv(b, mine, MPI_DOUBLE, y, counts, places, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  MPI_Reduce(&largest, &result, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  if (rank == 0) {
    for (int i = 0; i < N; i++)
      printf("%d %.6f\n", i, y[i]);
    printf("largest %.6f\n", result);
  }
  free(a);
  free(b);
  free(x);
  free(y);
  free(counts);
  free(places);
  MPI_Finalize();
  return 0;
}
