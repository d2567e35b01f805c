/* Smoothing on a torus of rows. */
#include <stdio.h>

#define N 48
#define M 10
#define STEPS 12

static double a[N][M], b[N][M];

int main(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      a[i][j] = (i * j) % 6;
  for (int t = 0; t < STEPS; t++) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < M; j++)
        b[i][j] = 0.5 * a[i][j] + 0.25 * (a[(i + N - 1) % N][j] + a[(i + 1) % N][j]);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < M; j++)
        a[i][j] = b[i][j];
  }
  for (int i = 0; i < N; i++)
    printf("%d %.7f %.7f\n", i, a[i][0], a[i][M - 1]);
  return 0;
}
