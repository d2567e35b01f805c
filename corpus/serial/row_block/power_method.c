/* Power method: y = A x; lambda = |y|; x = y / lambda, until lambda settles. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(void)
{
    int n = 64;
    int i, j, it;
    double lambda = 0.0, old;
    double *A = (double *)malloc((size_t)n * n * sizeof(double));
    double *x = (double *)malloc(n * sizeof(double));
    double *y = (double *)malloc(n * sizeof(double));

    for (i = 0; i < n; i++) {
        x[i] = 1.0;
        for (j = 0; j < n; j++)
            A[i*n+j] = (i == j ? 2.0 + i : 0.0) + 1.0 / (1.0 + abs(i - j));
    }

    for (it = 1; it <= 60; it++) {
        old = lambda;
        for (i = 0; i < n; i++) {
            double s = 0.0;
            for (j = 0; j < n; j++)
                s += A[i*n+j] * x[j];
            y[i] = s;
        }
        lambda = 0.0;
        for (i = 0; i < n; i++)
            lambda += y[i] * y[i];
        lambda = sqrt(lambda);
        for (i = 0; i < n; i++)
            x[i] = y[i] / lambda;
        if (fabs(lambda - old) < 1e-3 * lambda)
            break;
    }

    double check = 0.0;
    for (i = 0; i < n; i++)
        check += x[i] * (i + 1);
    printf("iterations %d\n", it);
    printf("lambda %.13e\n", lambda);
    printf("vector %.13e\n", check);
    free(A); free(x); free(y);
    return 0;
}
