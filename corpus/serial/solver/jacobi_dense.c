/* Jacobi's method for A x = b until the largest change is small; rows of A in an array of pointers to one block. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 64

int main(void)
{
    double *block = malloc(N * N * sizeof(double));
    double **A = malloc(N * sizeof(double *));
    double b[N], x[N], y[N];
    double change;
    int i, j, sweeps = 0;

    for (i = 0; i < N; i++)
        A[i] = block + i * N;
    for (i = 0; i < N; i++) {
        b[i] = 1.0 + i % 6;
        x[i] = 0.0;
        for (j = 0; j < N; j++)
            A[i][j] = i == j ? 3.0 * N : 1.0 + (i + j) % 2;
    }

    do {
        change = 0.0;
        for (i = 0; i < N; i++) {
            double sum = b[i];
            for (j = 0; j < N; j++)
                if (j != i)
                    sum -= A[i][j] * x[j];
            y[i] = sum / A[i][i];
            change = fmax(change, fabs(y[i] - x[i]));
        }
        for (i = 0; i < N; i++)
            x[i] = y[i];
        sweeps++;
    } while (change > 1e-10 && sweeps < 200);

    printf("%d sweeps\n", sweeps);
    for (i = 0; i < N; i++)
        printf("%.12e\n", x[i]);
    free(A);
    free(block);
    return 0;
}
