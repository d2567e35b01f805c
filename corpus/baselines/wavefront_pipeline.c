/* Gauss-Seidel sweeps: each point uses new values above and to the left. */
#include <stdio.h>

#define N 30
#define SWEEPS 8

static double a[N + 2][N + 2];

int main(void) {
  for (int i = 0; i < N + 2; i++)
    for (int j = 0; j < N + 2; j++)
      a[i][j] = (i + 2 * j) % 5;
  for (int t = 0; t < SWEEPS; t++)
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++)
        a[i][j] = 0.25 * (a[i - 1][j] + a[i][j - 1] + a[i + 1][j] + a[i][j + 1]);
  double sum = 0.0;
  for (int i = 1; i <= N; i++)
    for (int j = 1; j <= N; j++)
      sum += a[i][j];
  printf("%.10f %.10f\n", sum, a[1][1]);
  return 0;
}
