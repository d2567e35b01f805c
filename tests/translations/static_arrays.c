#include <stdio.h>
#define ROWS 40
#define COLS 30

double a[ROWS][COLS], b[ROWS][COLS];

int main(void) {
  int i, j, t;
  double total = 0;
  for (i = 0; i < ROWS; i++)
    for (j = 0; j < COLS; j++)
      a[i][j] = i + j;
  for (t = 0; t < 10; t++) {
    for (i = 1; i < ROWS - 1; i++)
      for (j = 1; j < COLS - 1; j++)
        b[i][j] = (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]) / 4;
    for (i = 1; i < ROWS - 1; i++)
      for (j = 1; j < COLS - 1; j++)
        a[i][j] = b[i][j];
  }
  for (i = 0; i < ROWS; i++)
    for (j = 0; j < COLS; j++)
      total += a[i][j];
  printf("%g\n", total);
  return 0;
}
