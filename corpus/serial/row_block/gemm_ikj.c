// C = alpha A B + beta C with the inner loop along the rows of B and C.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int n = 40;
  if (argc > 1) n = atoi(argv[1]);

  double *a = malloc(sizeof(double) * n * n);
  double *b = malloc(sizeof(double) * n * n);
  double *c = malloc(sizeof(double) * n * n);
  if (!a || !b || !c) {
    fprintf(stderr, "no memory for n = %d\n", n);
    exit(1);
  }

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      a[i * n + j] = 0.01 * (i + 1) + 0.02 * (j + 1);
      b[i * n + j] = 1.0 / (1.0 + i + j);
      c[i * n + j] = (i == j);
    }

  const double alpha = 0.5, beta = 2.0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      c[i * n + j] *= beta;
    for (int k = 0; k < n; k++) {
      double r = alpha * a[i * n + k];
      for (int j = 0; j < n; j++)
        c[i * n + j] += r * b[k * n + j];
    }
  }

  double biggest = 0.0;
  int wide = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      if (c[i * n + j] > biggest) biggest = c[i * n + j];
      if (c[i * n + j] > 0.5) wide += i + 3 * j;
    }
  // entries are sums in a fixed order: the same on any number of processors
  printf("%d %.17g %d\n", n, biggest, wide);
  printf("%.17g %.17g\n", c[0], c[n * n - 1]);
  free(a);
  free(b);
  free(c);
  return 0;
}
