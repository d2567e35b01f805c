/* Triangles of BLAS 2: TRMV with the lower and with the upper half, and the updates SYR and SYR2 of the lower half. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 120;
    double *a = malloc((size_t)n * n * sizeof *a), *x = malloc(n * sizeof *x), *z = malloc(n * sizeof *z);
    double *low = malloc(n * sizeof *low), *up = malloc(n * sizeof *up);

    for (int i = 0; i < n; i++) {
        x[i] = 1.0 + (i % 5) / 4.0;
        z[i] = 0.25 - (i % 3);
        for (int j = 0; j < n; j++)
            a[i * n + j] = ((3 * i + 7 * j) % 11) / 11.0;
    }

    /* SYR: A += alpha x x' */
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            a[i * n + j] += 0.5 * x[i] * x[j];

    /* SYR2: A += alpha (x z' + z x') */
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            a[i * n + j] += 0.125 * (x[i] * z[j] + z[i] * x[j]);

    /* TRMV */
    for (int i = 0; i < n; i++) {
        low[i] = 0.0;
        for (int j = 0; j <= i; j++)
            low[i] += a[i * n + j] * x[j];
    }
    for (int i = 0; i < n; i++) {
        double sum = a[i * n + i] * z[i];
        for (int j = n - 1; j > i; j--)
            sum += a[i * n + j] * z[j];
        up[i] = sum;
    }

    double below = 0.0, above = 0.0;
    for (int i = 0; i < n; i++) {
        below += low[i] * (i % 7);
        above += up[i] * (i % 4);
    }
    printf("lower %.12e upper %.12e\n", below, above);
    free(a);
    free(x);
    free(z);
    free(low);
    free(up);
    return 0;
}
