#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int n = 60, k = 0;
  double *A = malloc(n * n * sizeof(double)), *x = malloc(n * sizeof(double)), *y = malloc(n * sizeof(double));
  for (int i = 0; i < n; i++) {
    x[i] = 1.0;
    for (int j = 0; j < n; j++)
      A[i * n + j] = 1.0 / (i + j + 1);
  }
  while (k++ < 5) {
    double norm = 0;
    for (int i = 0; i < n; i++) {
      double s = 0;
      for (int j = 0; j < n; j++)
        s += A[i * n + j] * x[j];
      y[i] = s;
      norm += s * s;
    }
    for (int i = 0; i < n; i++)
      x[i] = y[i] / norm;
  }
  printf("%g\n", y[0]);
  return 0;
}
