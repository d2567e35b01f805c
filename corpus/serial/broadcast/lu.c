/* LU factors in place, no pivoting: row k is needed by all rows below it. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 48;
    double *a = malloc((size_t)n * n * sizeof(double));
    double logarithm = 0.0, below = 0.0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = i == j ? n + 1.0 : (i * 3 + j * 5) % 7 / 7.0;

    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            a[i * n + k] = factor;
            for (int j = k + 1; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
        }

    for (int i = 0; i < n; i++) {
        logarithm += log(a[i * n + i]);
        for (int j = 0; j < i; j++)
            below += a[i * n + j];
    }
    printf("log of the determinant %.12e\n", logarithm);
    printf("sum below the diagonal %.10e\n", below);
    free(a);
    return 0;
}
