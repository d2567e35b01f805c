/* Two products in a row: E = A B, then G = E D, by one function. */
#include <stdio.h>
#include <stdlib.h>

static void product(int n, double *a, double *b, double *c)
{
    int i, j, k;
    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++) {
            double sum = 0.0;
            for (k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
}

int main(int argc, char **argv)
{
    int n = 44;
    if (argc > 1)
        n = atoi(argv[1]);
    double *a = malloc(sizeof(double) * n * n);
    double *b = malloc(sizeof(double) * n * n);
    double *d = malloc(sizeof(double) * n * n);
    double *e = malloc(sizeof(double) * n * n);
    double *g = malloc(sizeof(double) * n * n);
    int i, j;
    double norm = 0.0;

    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++) {
            a[i * n + j] = ((i + j) % 6) / 6.0;
            b[i * n + j] = ((i * j) % 7) / 7.0;
            d[i * n + j] = ((i + 3 * j) % 5) / 5.0;
        }

    product(n, a, b, e);
    product(n, e, d, g);

    for (i = 0; i < n; i++)
        for (j = 0; j < n; j++)
            norm += g[i * n + j] * g[i * n + j];
    printf("norm %.12e\n", norm);
    free(a);
    free(b);
    free(d);
    free(e);
    free(g);
    return 0;
}
