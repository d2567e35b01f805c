/* Rank-one update A <- A + alpha x y^T, several times, then the sum of each row is looked at. */
#include <stdio.h>
#include <stdlib.h>
#define ROWS 80
#define COLS 50
#define A(i,j) a[(i)*COLS + (j)]

int main(void) {
  double *a = calloc(ROWS * COLS, sizeof *a);
  double *x = malloc(ROWS * sizeof *x);
  double *y = malloc(COLS * sizeof *y);
  double alpha = 0.5;
  int i, j, step;

  for (i = 0; i < ROWS; i++) x[i] = 1.0 + i % 5;
  for (j = 0; j < COLS; j++) y[j] = 1.0 / (j + 1.0);

  for (step = 0; step < 6; step++) {
    for (i = 0; i < ROWS; i++)
      for (j = 0; j < COLS; j++)
        A(i,j) += alpha * x[i] * y[j];
    for (i = 0; i < ROWS; i++)
      x[i] = 0.9 * x[i] + 0.01 * i;
    alpha = alpha / 2.0;
  }

  double heaviest = 0.0, total = 0.0;
  for (i = 0; i < ROWS; i++) {
    double row = 0.0;
    for (j = 0; j < COLS; j++)
      row += A(i,j) * (j + 1);
    if (row > heaviest) heaviest = row;
    total += row * (i + 1);
  }
  printf("heaviest %.16e total %.14e\n", heaviest, total);
  free(a); free(x); free(y);
  return 0;
}
