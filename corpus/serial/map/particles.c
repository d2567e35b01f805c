/* Particles in a field, all arrays in one struct; each particle by itself. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

typedef struct {
    int count;
    double *x, *y;
    double *vx, *vy;
} particles_t;

int main(int argc, char **argv)
{
    particles_t p;
    const double dt = 0.01;
    double energy = 0.0, furthest = 0.0;

    p.count = argc > 1 ? atoi(argv[1]) : 300;
    p.x = malloc(p.count * sizeof(double));
    p.y = malloc(p.count * sizeof(double));
    p.vx = malloc(p.count * sizeof(double));
    p.vy = malloc(p.count * sizeof(double));

    for (int i = 0; i < p.count; i++) {
        p.x[i] = 1.0 + 0.01 * i;
        p.y[i] = 0.0;
        p.vx[i] = 0.0;
        p.vy[i] = 1.0;
    }
    for (int step = 0; step < 20; step++)
        for (int i = 0; i < p.count; i++) {
            double r2 = p.x[i] * p.x[i] + p.y[i] * p.y[i];
            p.vx[i] -= dt * p.x[i] / r2;
            p.vy[i] -= dt * p.y[i] / r2;
            p.x[i] += dt * p.vx[i];
            p.y[i] += dt * p.vy[i];
        }
    for (int i = 0; i < p.count; i++) {
        energy += 0.5 * (p.vx[i] * p.vx[i] + p.vy[i] * p.vy[i]);
        furthest = fmax(furthest, hypot(p.x[i], p.y[i]));
    }
    printf("energy %.11e furthest %.11e\n", energy, furthest);
    free(p.x);
    free(p.y);
    free(p.vx);
    free(p.vy);
    return 0;
}
