// Composite Simpson rule for a few integrands that depend on a parameter; no array at all.
#include <math.h>
#include <stdio.h>

#define PANELS 800

static double integrand(double x, int power) {
  double value = exp(-x);
  for (int k = 0; k < power; k++)
    value *= x;
  return value;
}

int main(void) {
  const double a = 0.0, b = 12.0;
  const double h = (b - a) / (2 * PANELS);

  for (int power = 0; power < 4; power++) {
    double odd = 0.0, even = 0.0;
    for (int i = 0; i < PANELS; i++)
      odd += integrand(a + (2 * i + 1) * h, power);
    for (int i = 1; i < PANELS; i++)
      even += integrand(a + 2 * i * h, power);
    double result = h / 3.0 * (integrand(a, power) + 4.0 * odd + 2.0 * even + integrand(b, power));
    printf("power %d: %.14e\n", power, result);
  }
  return 0;
}
