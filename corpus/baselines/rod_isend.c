/* Heat on a rod: explicit steps, fixed ends. */
#include <stdio.h>

#define N 500
#define STEPS 100

static double u[N + 2], v[N + 2];

int main(void) {
  for (int i = 0; i <= N + 1; i++)
    u[i] = i * 0.01 + (i % 7) * 0.25;
  for (int t = 0; t < STEPS; t++) {
    for (int i = 1; i <= N; i++)
      v[i] = u[i] + 0.1 * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
    for (int i = 1; i <= N; i++)
      u[i] = v[i];
  }
  for (int i = 0; i <= N + 1; i++)
    printf("%.8f\n", u[i]);
  return 0;
}
