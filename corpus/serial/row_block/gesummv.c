/* GESUMMV: y = alpha A x + beta B x. */
#include <stdio.h>
#include <stdlib.h>

#define N 100

int main(void)
{
    double (*A)[N] = malloc(N * sizeof *A);
    double (*B)[N] = malloc(N * sizeof *B);
    double *x = malloc(N * sizeof *x);
    double *y = malloc(N * sizeof *y);
    const double alpha = 1.5, beta = 1.2;

    for (int i = 0; i < N; i++) {
        x[i] = (i % N) / (double)N;
        for (int j = 0; j < N; j++) {
            A[i][j] = (i * j + 1) % N / (double)N;
            B[i][j] = (i * j + 2) % N / (double)N;
        }
    }

    for (int i = 0; i < N; i++) {
        double first = 0.0, second = 0.0;
        for (int j = 0; j < N; j++) {
            first += A[i][j] * x[j];
            second += B[i][j] * x[j];
        }
        y[i] = alpha * first + beta * second;
    }

    for (int i = 0; i < N; i++)
        printf("%.10f\n", y[i]);
    free(A);
    free(B);
    free(x);
    free(y);
    return 0;
}
