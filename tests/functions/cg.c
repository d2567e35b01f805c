#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 61

static double dot(int n, const double *a, const double *b)
{
    double s = 0.0;
    for (int i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

static void axpy(int n, double alpha, const double *x, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] += alpha * x[i];
}

/* y = A x with the 1-D Laplacian */
static void matvec(int n, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double left = i > 0 ? x[i - 1] : 0.0;
        double right = i < n - 1 ? x[i + 1] : 0.0;
        y[i] = 2.5 * x[i] - left - right;
    }
}

int main(void)
{
    int n = N;
    double *x = calloc(n, sizeof(double));
    double *r = malloc(n * sizeof(double));
    double *p = malloc(n * sizeof(double));
    double *Ap = malloc(n * sizeof(double));

    for (int i = 0; i < n; i++) {
        r[i] = 1.0 + i % 3;
        p[i] = r[i];
    }
    double rr = dot(n, r, r);
    int it = 0;
    while (sqrt(rr) > 1e-8 && it < 200) {
        matvec(n, p, Ap);
        double alpha = rr / dot(n, p, Ap);
        axpy(n, alpha, p, x);
        axpy(n, -alpha, Ap, r);
        double fresh = dot(n, r, r);
        double beta = fresh / rr;
        for (int i = 0; i < n; i++)
            p[i] = r[i] + beta * p[i];
        rr = fresh;
        it++;
    }
    printf("iterations %d, residual %.3e\n", it, sqrt(dot(n, r, r)));
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    printf("sum %.10g\n", sum);
    free(x);
    free(r);
    free(p);
    free(Ap);
    return 0;
}
