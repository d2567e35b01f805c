/* Forces between all pairs on a line. */
#include <math.h>
#include <stdio.h>

#define N 120

static double x[N], f[N];

int main(void) {
  for (int i = 0; i < N; i++)
    x[i] = i + 0.25 * (i % 3);
  for (int i = 0; i < N; i++) {
    f[i] = 0.0;
    for (int j = 0; j < N; j++) {
      double d = x[j] - x[i];
      f[i] += d / (fabs(d * d * d) + 0.01);
    }
  }
  double largest = 0.0;
  for (int i = 0; i < N; i++)
    if (fabs(f[i]) > largest)
      largest = fabs(f[i]);
  for (int i = 0; i < N; i++)
    printf("%.8e\n", f[i]);
  printf("%.8e\n", largest);
  return 0;
}
