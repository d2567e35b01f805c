/* Sums of the own block, moved up by what stands before it: MPI_Exscan. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 400

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  int begin = N * rank / size, end = N * (rank + 1) / size;
  double *s = malloc((end - begin + 1) * sizeof(double)), sum = 0.0, before = 0.0;
  long count = 0, all = 0;
  for (int i = begin; i < end; i++) {
    sum += 1.0 / (1.0 + i % 10);
    s[i - begin] = sum;
    if (i % 3 == 0)
      count++;
  }
  MPI_Exscan(&sum, &before, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0)
    before = 0.0;
  for (int i = begin; i < end; i++)
    s[i - begin] += before;
  MPI_Reduce(&count, &all, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);

  /* rank 0 prints the blocks in order, as they come */
  if (rank == 0) {
    for (int i = begin; i < end; i++)
      printf("%.9f\n", s[i - begin]);
    for (int p = 1; p < size; p++) {
      int n = N * (p + 1) / size - N * p / size;
      double *theirs = malloc((n + 1) * sizeof(double));
      MPI_Recv(theirs, n, MPI_DOUBLE, p, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      for (int i = 0; i < n; i++)
        printf("%.9f\n", theirs[i]);
      free(theirs);
    }
    printf("%ld\n", all);
  } else {
    MPI_Send(s, end - begin, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
  }
  free(s);
  MPI_Finalize();
  return 0;
}
