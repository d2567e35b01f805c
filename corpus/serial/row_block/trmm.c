/* TRMM of BLAS: C = alpha L B with a lower triangle, into a matrix of its own; column-major, counted from 1. */
#include <stdio.h>
#include <stdlib.h>

#define N 52
#define IJ(i, j) ((i) - 1 + ((j) - 1) * N)

int main(void)
{
    double *l = malloc(N * N * sizeof(double));
    double *b = malloc(N * N * sizeof(double));
    double *c = malloc(N * N * sizeof(double));
    double check = 0.0;
    int i, j, k;

    for (j = 1; j <= N; j++)
        for (i = 1; i <= N; i++) {
            l[IJ(i, j)] = i >= j ? 1.0 + (i - j) % 3 : 0.0;
            b[IJ(i, j)] = (i * 2 + j) % 8 - 3.0;
        }

    for (j = 1; j <= N; j++)
        for (i = 1; i <= N; i++) {
            double sum = 0.0;
            for (k = 1; k <= i; k++)
                sum += l[IJ(i, k)] * b[IJ(k, j)];
            c[IJ(i, j)] = 2.0 * sum;
        }

    for (j = 1; j <= N; j++)
        for (i = 1; i <= N; i++)
            check += c[IJ(i, j)] * (1 + (i * j) % 4);
    printf("check %.12e\n", check);
    printf("corners %.12e %.12e\n", c[IJ(1, 1)], c[IJ(N, N)]);
    free(l);
    free(b);
    free(c);
    return 0;
}
