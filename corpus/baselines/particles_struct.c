/* Particles under gravity: each moves by itself; the energy of all. */
#include <stdio.h>

#define N 300
#define STEPS 20

typedef struct {
  int id;
  double x[2], v[2], mass;
} Particle;

static Particle p[N];

int main(void) {
  for (int i = 0; i < N; i++) {
    p[i].id = i;
    p[i].x[0] = i % 13;
    p[i].x[1] = i % 5 * 2.0;
    p[i].v[0] = 0.5;
    p[i].v[1] = i % 3 - 1.0;
    p[i].mass = 1.0 + i % 4;
  }
  for (int t = 0; t < STEPS; t++)
    for (int i = 0; i < N; i++) {
      p[i].v[1] -= 0.01 * 9.81;
      for (int d = 0; d < 2; d++)
        p[i].x[d] += 0.01 * p[i].v[d];
    }
  double energy = 0.0;
  for (int i = 0; i < N; i++)
    energy += p[i].mass * (0.5 * (p[i].v[0] * p[i].v[0] + p[i].v[1] * p[i].v[1]) + 9.81 * p[i].x[1]);
  for (int i = 0; i < N; i++)
    printf("%d: %.5f %.5f\n", p[i].id, p[i].x[0], p[i].x[1]);
  printf("energy %.6f\n", energy);
  return 0;
}
