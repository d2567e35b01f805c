/* Diffusion with a conductivity that varies in space: kappa is averaged to the cell faces, so it needs its
   neighbours' values as u does, but never changes. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define NX 40
#define NY 28
#define U(i, j) u[(i) * NY + (j)]
#define V(i, j) v[(i) * NY + (j)]
#define KAPPA(i, j) kappa[(i) * NY + (j)]

int main(void)
{
    double *u = malloc(NX * NY * sizeof(double));
    double *v = malloc(NX * NY * sizeof(double));
    double *kappa = malloc(NX * NY * sizeof(double));
    const double dt = 0.1;

    for (int i = 0; i < NX; i++)
        for (int j = 0; j < NY; j++) {
            KAPPA(i, j) = 1.0 + 0.5 * sin(0.3 * i) * cos(0.2 * j);
            U(i, j) = (i > NX / 3 && j < NY / 2) ? 5.0 : 1.0;
            V(i, j) = U(i, j);
        }

    for (int step = 0; step < 25; step++) {
        for (int i = 1; i < NX - 1; i++)
            for (int j = 1; j < NY - 1; j++) {
                double north = 0.5 * (KAPPA(i, j) + KAPPA(i - 1, j)) * (U(i - 1, j) - U(i, j));
                double south = 0.5 * (KAPPA(i, j) + KAPPA(i + 1, j)) * (U(i + 1, j) - U(i, j));
                double west = 0.5 * (KAPPA(i, j) + KAPPA(i, j - 1)) * (U(i, j - 1) - U(i, j));
                double east = 0.5 * (KAPPA(i, j) + KAPPA(i, j + 1)) * (U(i, j + 1) - U(i, j));
                V(i, j) = U(i, j) + dt * (north + south + west + east);
            }
        double *t = u; u = v; v = t;
    }

    double sum = 0.0;
    for (int i = 0; i < NX; i++)
        for (int j = 0; j < NY; j++)
            sum += U(i, j) * (1 + i % 5 + j % 7);
    printf("sum %.14e\n", sum);
    printf("probe %.17g\n", U(NX / 2, NY / 2));
    free(u); free(v); free(kappa);
    return 0;
}
