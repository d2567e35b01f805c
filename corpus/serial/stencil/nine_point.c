/* The nine-point stencil in two dimensions, in functions: set up, sweep, measure. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define IDX(i, j) ((i) * m + (j))

static void set_up(int n, int m, double *u, double *v)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            u[IDX(i, j)] = i == 0 ? 1.0 : 0.0;
            v[IDX(i, j)] = u[IDX(i, j)];
        }
}

static void sweep(int n, int m, const double *from, double *to)
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < m - 1; j++)
            to[IDX(i, j)] = 0.2 * (from[IDX(i - 1, j)] + from[IDX(i + 1, j)] + from[IDX(i, j - 1)] + from[IDX(i, j + 1)])
                          + 0.05 * (from[IDX(i - 1, j - 1)] + from[IDX(i - 1, j + 1)]
                                    + from[IDX(i + 1, j - 1)] + from[IDX(i + 1, j + 1)]);
}

static double total(int n, int m, const double *u)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            sum += u[IDX(i, j)];
    return sum;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 50, m = 40;
    double *u = malloc((size_t)n * m * sizeof(double));
    double *v = malloc((size_t)n * m * sizeof(double));

    set_up(n, m, u, v);
    for (int t = 0; t < 12; t++) {
        sweep(n, m, u, v);
        sweep(n, m, v, u);
    }
    printf("total %.12e and %.12e\n", total(n, m, u), total(n, m, v));
    free(u);
    free(v);
    return 0;
}
