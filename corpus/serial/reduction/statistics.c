/* Mean, spread and extremes of a sample: four reductions in one loop, one that needs the mean in a second. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
  int n = 360;
  double *sample = malloc((size_t) n * sizeof(double));

  for (int i = 0; i < n; i++)
    sample[i] = 50.0 + 10.0 * sin(0.7 * i) + (i * i) % 17;

  double sum = 0.0, sumsq = 0.0;
  double lo = sample[0], hi = sample[0];
  for (int i = 0; i < n; i++) {
    sum += sample[i];
    sumsq += sample[i] * sample[i];
    if (sample[i] < lo) lo = sample[i];
    hi = sample[i] > hi ? sample[i] : hi;
  }
  double mean = sum / n;

  double dev = 0.0, absdev = 0.0;
  for (int i = 0; i < n; i++) {
    double d = sample[i] - mean;
    dev += d * d;
    absdev += fabs(d);
  }

  printf("n        %d\n", n);
  printf("mean     %.14e\n", mean);
  printf("rms      %.14e\n", sqrt(sumsq / n));
  printf("min max  %.17g %.17g\n", lo, hi);
  if (n > 1)
    printf("stddev   %.13e\n", sqrt(dev / (n - 1)));
  printf("absdev   %.13e\n", absdev / n);
  free(sample);
  return 0;
}
