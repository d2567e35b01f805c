/* SYMM of BLAS: C = alpha A B + beta C, where A is symmetric and only its lower triangle is stored. */
#include <stdio.h>
#include <stdlib.h>

#define M 56
#define N 40

double A[M][M], B[M][N], C[M][N];

int main(void)
{
    const double alpha = 0.75, beta = 1.25;
    double check = 0.0, largest = -1.0e300;
    int i, j, k;

    for (i = 0; i < M; i++) {
        for (j = 0; j <= i; j++)
            A[i][j] = ((i + j) % 13) / 13.0;
        for (j = 0; j < N; j++) {
            B[i][j] = ((i + 2 * j) % 11) / 11.0;
            C[i][j] = ((3 * i + j) % 6) / 6.0;
        }
    }

    for (i = 0; i < M; i++)
        for (j = 0; j < N; j++) {
            double sum = 0.0;
            for (k = 0; k <= i; k++)
                sum += A[i][k] * B[k][j];
            for (k = i + 1; k < M; k++)
                sum += A[k][i] * B[k][j];
            C[i][j] = alpha * sum + beta * C[i][j];
        }

    for (i = 0; i < M; i++)
        for (j = 0; j < N; j++) {
            check += C[i][j];
            if (C[i][j] > largest)
                largest = C[i][j];
        }
    printf("check %.12e largest %.12e\n", check, largest);
    return 0;
}
