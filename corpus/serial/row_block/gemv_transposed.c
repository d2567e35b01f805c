/* GEMV of BLAS, transposed: y = alpha A' x + beta y, A stored by rows. */
#include <stdio.h>
#include <stdlib.h>

static void gemv_t(int m, int n, double alpha, const double *a, const double *x, double beta, double *y)
{
    for (int j = 0; j < n; j++)
        y[j] = beta * y[j];
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++)
            y[j] += alpha * a[i * n + j] * x[i];
}

int main(int argc, char **argv)
{
    int m = argc > 1 ? atoi(argv[1]) : 120;
    int n = 40;
    double *a = malloc((size_t)m * n * sizeof(double));
    double *x = malloc(m * sizeof(double));
    double *y = malloc(n * sizeof(double));

    for (int i = 0; i < m; i++) {
        x[i] = 1.0 / (1.0 + i % 9);
        for (int j = 0; j < n; j++)
            a[i * n + j] = (i * 5 + j * 3) % 11 + 0.5;
    }
    for (int j = 0; j < n; j++)
        y[j] = j % 4;

    gemv_t(m, n, 1.5, a, x, 0.25, y);

    double check = 0.0;
    for (int j = 0; j < n; j++)
        check += y[j] * (1 + j % 3);
    printf("%d x %d check %.12e\n", m, n, check);
    printf("ends %.12e %.12e\n", y[0], y[n - 1]);
    free(a);
    free(x);
    free(y);
    return 0;
}
