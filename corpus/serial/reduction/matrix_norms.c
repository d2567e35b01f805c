/* Norms of a matrix: Frobenius, infinity (largest row sum), maximum; and its trace. */
#include <stdio.h>
#include <math.h>

#define N 64

static double A[N][N];

int main(void)
{
    double frobenius = 0.0, infinity = 0.0, largest = 0.0, trace = 0.0;

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            A[i][j] = (i == j) ? 4.0 + 0.125 * i : 1.0 / (1.0 + i + 2.0 * j) - 0.25;

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            frobenius += A[i][j] * A[i][j];
    frobenius = sqrt(frobenius);

    for (int i = 0; i < N; i++) {
        double row = 0.0;
        for (int j = 0; j < N; j++)
            row += fabs(A[i][j]);
        if (row > infinity)
            infinity = row;
    }

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            largest = fmax(largest, fabs(A[i][j]));

    for (int i = 0; i < N; i++)
        trace += A[i][i];

    printf("frobenius %.14e\n", frobenius);
    printf("infinity  %.16e\n", infinity);
    printf("largest   %.16e\n", largest);
    printf("trace     %.14e\n", trace);
    return 0;
}
