/* Gauss-Seidel in place: each point needs the new value of the one before, so the sweeps cannot be divided as
   they stand. Setting up, the residual and the checks can. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 80
#define SWEEPS 4

int main(void)
{
    double *u = calloc(N * N, sizeof(double));
    double *f = malloc(N * N * sizeof(double));
    double *r = calloc(N * N, sizeof(double));

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double x = (double)i / N;
            double y = (double)j / N;
            f[i * N + j] = 0.01 * (1.0 + x + y + x * y);
        }

    for (int s = 0; s < SWEEPS; s++)
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                u[i * N + j] = 0.25 * (u[(i - 1) * N + j] + u[i * N + j - 1] + u[(i + 1) * N + j]
                                       + u[i * N + j + 1] + f[i * N + j]);

    for (int i = 1; i < N - 1; i++)
        for (int j = 1; j < N - 1; j++) {
            double centre = 4.0 * u[i * N + j];
            double cross = u[(i - 1) * N + j] + u[(i + 1) * N + j] + u[i * N + j - 1] + u[i * N + j + 1];
            double lap = centre - cross;
            r[i * N + j] = f[i * N + j] - lap;
        }

    double residual = 0.0;
    double weighted = 0.0;
    double largest = 0.0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double rij = r[i * N + j];
            residual += rij * rij;
            weighted += u[i * N + j] * (1 + i + j % 6);
            largest = fmax(largest, fabs(rij));
        }
    printf("residual %.13e\n", sqrt(residual));
    printf("weighted %.13e\n", weighted);
    printf("largest %.16e\n", largest);
    free(u);
    free(f);
    free(r);
    return 0;
}
