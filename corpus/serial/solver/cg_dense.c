/* Conjugate gradients with a dense matrix; products, dots and updates are functions. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

static double dot(int n, const double *x, const double *y)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void axpy(int n, double a, const double *x, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] += a * x[i];
}

static void matvec(int n, const double *A, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int j = 0; j < n; j++)
            sum += A[i * n + j] * x[j];
        y[i] = sum;
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 60;
    double *A = malloc((size_t)n * n * sizeof(double));
    double *x = malloc(n * sizeof(double)), *r = malloc(n * sizeof(double));
    double *p = malloc(n * sizeof(double)), *q = malloc(n * sizeof(double));

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            A[i * n + j] = i == j ? 2.0 * n : 1.0 / (1.0 + i + j);
        x[i] = 0.0;
        r[i] = 1.0 + i % 4;
        p[i] = r[i];
    }

    double rho = dot(n, r, r);
    for (int it = 0; it < 8 && rho > 1e-20; it++) {
        matvec(n, A, p, q);
        double alpha = rho / dot(n, p, q);
        axpy(n, alpha, p, x);
        axpy(n, -alpha, q, r);
        double next = dot(n, r, r);
        for (int i = 0; i < n; i++)
            p[i] = r[i] + next / rho * p[i];
        rho = next;
    }

    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += x[i] * (1 + i % 3);
    printf("sum %.8e first %.8e settled %d\n", sum, x[0], sqrt(rho) < 1e-6);
    free(A);
    free(x);
    free(r);
    free(p);
    free(q);
    return 0;
}
