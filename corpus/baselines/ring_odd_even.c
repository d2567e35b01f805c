/* Advection on a ring, upwind. */
#include <stdio.h>

#define N 600
#define STEPS 50

static double u[N], v[N];

int main(void) {
  for (int i = 0; i < N; i++)
    u[i] = (i * 7 % 11) * 0.5;
  for (int t = 0; t < STEPS; t++) {
    for (int i = 0; i < N; i++)
      v[i] = u[i] - 0.4 * (u[i] - u[(i + N - 1) % N]);
    for (int i = 0; i < N; i++)
      u[i] = v[i];
  }
  double sum = 0.0;
  for (int i = 0; i < N; i++)
    sum += u[i];
  printf("%.10e %.10e\n", sum, u[N / 2]);
  return 0;
}
