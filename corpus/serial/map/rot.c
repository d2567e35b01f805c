// Plane (Givens) rotation of two vectors, as ROTG and ROT of the BLAS do it.
// usage: rot [n]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int n = 500;
  if (argc > 1) n = atoi(argv[1]);
  if (n < 1) {
    fprintf(stderr, "usage: %s [n], n >= 1\n", argv[0]);
    return 2;
  }

  double *x = malloc(n * sizeof *x);
  double *y = malloc(n * sizeof *y);
  for (int i = 0; i < n; i++) {
    x[i] = 3.0 + sin(0.1 * i);
    y[i] = 4.0 + cos(0.2 * i);
  }

  // the rotation that takes (a, b) to (r, 0)
  double a = 3.0, b = 4.0;
  double r = sqrt(a * a + b * b);
  double c = a / r, s = b / r;

  for (int i = 0; i < n; i++) {
    double temp = c * x[i] + s * y[i];
    y[i] = c * y[i] - s * x[i];
    x[i] = temp;
  }

  double length = 0.0, drift = 0.0;
  for (int i = 0; i < n; i++) {
    length += x[i] * x[i] + y[i] * y[i];
    drift += fabs(y[i]) * (i + 1);
  }
  printf("n = %d\n", n);
  printf("sum of squares %.14e\n", length);
  printf("drift %.14e\n", drift);
  printf("first %.17g %.17g\n", x[0], y[0]);
  printf("middle %.17g %.17g\n", x[n / 2], y[n / 2]);

  free(x);
  free(y);
  return 0;
}
