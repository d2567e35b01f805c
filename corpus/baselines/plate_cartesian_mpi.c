/* Blocks in two dimensions on a Cartesian grid: rows are sent as they are, columns as a vector type. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define N 40
#define STEPS 30
#define A(i, j) a[(i) * (columns + 2) + (j)]
#define B(i, j) b[(i) * (columns + 2) + (j)]

int main(int argc, char *argv[]) {
  int rank, size;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);

  /* no more ranks take part than there are rows */
  MPI_Comm working, grid;
  MPI_Comm_split(MPI_COMM_WORLD, rank < N ? 0 : MPI_UNDEFINED, rank, &working);
  if (working == MPI_COMM_NULL) {
    MPI_Finalize();
    return 0;
  }
  MPI_Comm_size(working, &size);
  int dims[2] = {0, 0}, periods[2] = {0, 0}, at[2];
  MPI_Dims_create(size, 2, dims);
  MPI_Cart_create(working, 2, dims, periods, 0, &grid);
  MPI_Comm_rank(grid, &rank);
  MPI_Cart_coords(grid, rank, 2, at);
  int top = N * at[0] / dims[0], rows = N * (at[0] + 1) / dims[0] - top;
  int side = N * at[1] / dims[1], columns = N * (at[1] + 1) / dims[1] - side;

  int up, down, left, right;
  MPI_Cart_shift(grid, 0, 1, &up, &down);
  MPI_Cart_shift(grid, 1, 1, &left, &right);

  double *a = malloc((rows + 2) * (columns + 2) * sizeof(double));
  double *b = malloc((rows + 2) * (columns + 2) * sizeof(double));
  for (int i = 0; i < rows + 2; i++)
    for (int j = 0; j < columns + 2; j++)
      A(i, j) = top + i == 0 ? 1.0 : ((top + i) * 3 + (side + j) * 5) % 7 * 0.125;

  MPI_Datatype column;
  MPI_Type_vector(rows, 1, columns + 2, MPI_DOUBLE, &column);
  MPI_Type_commit(&column);
  for (int t = 0; t < STEPS; t++) {
    MPI_Sendrecv(&A(1, 1), columns, MPI_DOUBLE, up, 0, &A(rows + 1, 1), columns, MPI_DOUBLE, down, 0, grid,
                 MPI_STATUS_IGNORE);
    MPI_Sendrecv(&A(rows, 1), columns, MPI_DOUBLE, down, 1, &A(0, 1), columns, MPI_DOUBLE, up, 1, grid,
                 MPI_STATUS_IGNORE);
    MPI_Sendrecv(&A(1, 1), 1, column, left, 2, &A(1, columns + 1), 1, column, right, 2, grid, MPI_STATUS_IGNORE);
    MPI_Sendrecv(&A(1, columns), 1, column, right, 3, &A(1, 0), 1, column, left, 3, grid, MPI_STATUS_IGNORE);
    for (int i = 1; i <= rows; i++)
      for (int j = 1; j <= columns; j++)
        B(i, j) = 0.25 * (A(i - 1, j) + A(i + 1, j) + A(i, j - 1) + A(i, j + 1));
    for (int i = 1; i <= rows; i++)
      for (int j = 1; j <= columns; j++)
        A(i, j) = B(i, j);
  }
  MPI_Type_free(&column);

  /* all blocks are put into one matrix on rank 0, as parts of it */
  int whole[2] = {rows + 2, columns + 2}, part[2] = {rows, columns}, inner[2] = {1, 1};
  if (rank == 0) {
    static double all[N][N];
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < columns; j++)
        all[i][j] = A(i + 1, j + 1);
    for (int p = 1; p < size; p++) {
      int c[2];
      MPI_Cart_coords(grid, p, 2, c);
      int sizes[2] = {N, N}, starts[2] = {N * c[0] / dims[0], N * c[1] / dims[1]};
      int parts[2] = {N * (c[0] + 1) / dims[0] - starts[0], N * (c[1] + 1) / dims[1] - starts[1]};
      MPI_Datatype block;
      MPI_Type_create_subarray(2, sizes, parts, starts, MPI_ORDER_C, MPI_DOUBLE, &block);
      MPI_Type_commit(&block);
      MPI_Recv(all, 1, block, p, 9, grid, MPI_STATUS_IGNORE);
      MPI_Type_free(&block);
    }
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++)
        printf(" %.6f", all[i][j]);
      printf("\n");
    }
  } else {
    MPI_Datatype block;
    MPI_Type_create_subarray(2, whole, part, inner, MPI_ORDER_C, MPI_DOUBLE, &block);
    MPI_Type_commit(&block);
    MPI_Send(a, 1, block, 0, 9, grid);
    MPI_Type_free(&block);
  }
  free(a);
  free(b);
  MPI_Comm_free(&grid);
  MPI_Comm_free(&working);
  MPI_Finalize();
  return 0;
}
