/* y = a x + y, and the largest element. */
#include <stdio.h>
#include <stdlib.h>

#define N 1000

int main(void) {
  double *x = malloc(N * sizeof(double));
  double *y = malloc(N * sizeof(double));
  double largest = -1e30;
  for (int i = 0; i < N; i++) {
    x[i] = 0.5 * (i % 17) - 3.0;
    y[i] = 1.0 / (i + 1);
  }
  for (int i = 0; i < N; i++)
    y[i] += 2.5 * x[i];
  for (int i = 0; i < N; i++)
    if (y[i] > largest)
      largest = y[i];
  for (int i = 0; i < N; i++)
    printf("%d %.6f\n", i, y[i]);
  printf("largest %.6f\n", largest);
  free(x);
  free(y);
  return 0;
}
