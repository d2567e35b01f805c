/* Fill a scalar field on a 3-D grid and normalise it point by point. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

static double bump(double x, double y, double z)
{
    return exp(-(x * x + 2.0 * y * y + 0.5 * z * z));
}

int main(void)
{
    int nx = 20, ny = 12, nz = 9;
    double h = 0.125;
    double *f = malloc((size_t)nx * ny * nz * sizeof(double));
    double *g = malloc((size_t)nx * ny * nz * sizeof(double));

    if (!f || !g)
        exit(1);

    for (int i = 0; i < nx; i++)
        for (int j = 0; j < ny; j++)
            for (int k = 0; k < nz; k++)
                f[(i * ny + j) * nz + k] = bump(i * h - 1.0, j * h, k * h);

    for (int i = 0; i < nx; i++)
        for (int j = 0; j < ny; j++)
            for (int k = 0; k < nz; k++) {
                int idx = (i * ny + j) * nz + k;
                double v = f[idx];
                g[idx] = v / (1.0 + v) + 1e-3 * k;
                f[idx] = sqrt(v);
            }

    double sf = 0.0, sg = 0.0;
    for (int i = 0; i < nx; i++)
        for (int j = 0; j < ny; j++)
            for (int k = 0; k < nz; k++) {
                int idx = (i * ny + j) * nz + k;
                sf += f[idx] * (1 + i);
                sg += g[idx] * (1 + j + k);
            }
    printf("f %.14e\ng %.14e\n", sf, sg);
    printf("centre %.17g\n", g[((nx / 2) * ny + ny / 2) * nz + nz / 2]);

    free(f);
    free(g);
    return 0;
}
