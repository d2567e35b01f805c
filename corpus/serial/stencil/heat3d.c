/* Heat in a box: 7-point stencil on a linearised 3-D grid, pointers swapped each step. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int nx = 16, ny = 11, nz = 13;
    int steps = 10;
    if (argc > 1)
        nx = atoi(argv[1]);

    double *t0 = malloc(nx * ny * nz * sizeof(double));
    double *t1 = malloc(nx * ny * nz * sizeof(double));
    double *tmp;

    for (int i = 0; i < nx; i++)
        for (int j = 0; j < ny; j++)
            for (int k = 0; k < nz; k++) {
                int c = (i * ny + j) * nz + k;
                t0[c] = 10.0 + (i * 3 + j * 5 + k * 7) % 23;
                t1[c] = t0[c];
            }

    for (int s = 0; s < steps; s++) {
        for (int i = 1; i < nx - 1; i++) {
            for (int j = 1; j < ny - 1; j++) {
                for (int k = 1; k < nz - 1; k++) {
                    int c = (i * ny + j) * nz + k;
                    t1[c] = t0[c] + 0.1 * (t0[c - ny * nz] + t0[c + ny * nz]
                                           + t0[c - nz] + t0[c + nz]
                                           + t0[c - 1] + t0[c + 1] - 6.0 * t0[c]);
                }
            }
        }
        tmp = t0;
        t0 = t1;
        t1 = tmp;
    }

    double sum = 0.0;
    for (int i = 0; i < nx; i++)
        for (int j = 0; j < ny; j++)
            for (int k = 0; k < nz; k++)
                sum += t0[(i * ny + j) * nz + k] * (1 + i + j % 3 + k % 2);
    printf("sum %.14e\n", sum);
    printf("centre %.17g\n", t0[(nx / 2 * ny + ny / 2) * nz + nz / 2]);

    free(t0);
    free(t1);
    return 0;
}
