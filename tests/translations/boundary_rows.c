#include <stdio.h>
#include <stdlib.h>
#define AT(i, j) u[(i) * m + (j)]

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 50, m = 20;
  double *u = calloc(n * m, sizeof(double)), sum = 0;
  for (int j = 0; j < m; j++) {
    AT(0, j) = 1.0;
    AT(n - 1, j) = AT(n - 2, j);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++)
      sum += AT(i, j);
  printf("%g %g\n", sum, AT(0, 3));
  free(u);
  return 0;
}
