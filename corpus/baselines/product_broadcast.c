/* C = A B, and its trace. */
#include <stdio.h>

#define N 24

static double a[N][N], b[N][N], c[N][N];

int main(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (i * 5 + j * 3) % 7 - 2.0;
      b[i][j] = (i + j * 4) % 9 * 0.5;
    }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      c[i][j] = 0.0;
      for (int k = 0; k < N; k++)
        c[i][j] += a[i][k] * b[k][j];
    }
  double trace = 0.0;
  for (int i = 0; i < N; i++)
    trace += c[i][i];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      printf("%.4f\n", c[i][j]);
  printf("trace %.6f\n", trace);
  return 0;
}
