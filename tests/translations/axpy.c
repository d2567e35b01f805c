#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int n = 1000;
  double a = 2.5, *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
  for (int i = 0; i < n; i++) {
    x[i] = 1.0 / (i + 1);  /* the index as a value */
    y[i] = i % 7;
  }
  for (int i = 0; i < n; i++)
    y[i] = a * x[i] + y[i];
  printf("%g\n", y[n / 2]);
  free(x);
  free(y);
  return 0;
}
