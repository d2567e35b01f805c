// Many logistic maps x <- r x (1 - x) side by side: one initial value per element,
// transient thrown away, then the mean over the orbit.
#include <stdio.h>
#include <stdlib.h>

const int n = 120;

int main(void) {
  const int transient = 50, keep = 25;
  const double r = 3.57;
  double *x0 = malloc(n * sizeof(double));
  double *mean = malloc(n * sizeof(double));

  for (int i = 1; i <= n; i++)
    x0[i - 1] = (i - 0.375) / (n + 1);

  for (int i = 0; i < n; i++) {
    double x = x0[i];
    for (int k = 0; k < transient; k++)
      x = r * x * (1.0 - x);
    double s = 0.0;
    for (int k = 0; k < keep; k++) {
      x = r * x * (1.0 - x);
      s += x;
    }
    mean[i] = s / keep;
  }

  double total = 0.0;
  for (int i = 0; i < n; i++)
    total += mean[i] * (1 + i % 9);

  printf("total %.14e\n", total);
  printf("mean[0] %.16e\n", mean[0]);
  printf("mean[%d] %.16e\n", n - 1, mean[n - 1]);
  free(x0);
  free(mean);
  return 0;
}
