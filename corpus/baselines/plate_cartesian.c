/* Jacobi on a square, five points. */
#include <stdio.h>

#define N 40
#define STEPS 30

static double a[N + 2][N + 2], b[N + 2][N + 2];

int main(void) {
  for (int i = 0; i < N + 2; i++)
    for (int j = 0; j < N + 2; j++)
      a[i][j] = i == 0 ? 1.0 : (i * 3 + j * 5) % 7 * 0.125;
  for (int t = 0; t < STEPS; t++) {
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++)
        b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++)
        a[i][j] = b[i][j];
  }
  for (int i = 1; i <= N; i++) {
    for (int j = 1; j <= N; j++)
      printf(" %.6f", a[i][j]);
    printf("\n");
  }
  return 0;
}
