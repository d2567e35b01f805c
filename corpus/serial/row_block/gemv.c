/* y <- alpha A x + beta y, A by rows in one block of memory. */
#include <stdio.h>
#include <stdlib.h>

#define N 120

int main(void)
{
    const int n = N;
    double alpha = 1.5, beta = 0.25;
    double *A = malloc(n * n * sizeof(double));
    double *x = malloc(n * sizeof(double));
    double *y = malloc(n * sizeof(double));

    for (int i = 0; i < n; i++) {
        x[i] = 1.0 + (i % 10) * 0.1;
        y[i] = 2.0 - (i % 4) * 0.25;
        for (int j = 0; j < n; j++)
            A[i * n + j] = 1.0 / (1 + i + 2 * j);
    }

    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int j = 0; j < n; j++)
            sum += A[i * n + j] * x[j];
        y[i] = alpha * sum + beta * y[i];
    }

    double check = 0.0;
    for (int i = 0; i < n; i++)
        check += y[i] * (i + 1);
    printf("check %.14e\n", check);
    printf("y[0] %.17g  y[n-1] %.17g\n", y[0], y[n - 1]);

    free(A);
    free(x);
    free(y);
    return 0;
}
