#include <stdio.h>

int main(void) {
  const int steps = 100000;
  double h = 1.0 / steps, pi = 0.0;
  for (int i = 0; i < steps; i++) {
    double x = (i + 0.5) * h;
    pi += 4.0 / (1.0 + x * x);
  }
  printf("%.12f\n", pi * h);
}
