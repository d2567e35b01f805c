/* C = A B, the textbook way: dot products of rows and columns. */
#include <stdio.h>

#define N 48

double A[N][N], B[N][N], C[N][N];

int main(void)
{
    int i, j, k;
    double sum, trace, check;

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            A[i][j] = 1.0 + (i + j) % 7;
            B[i][j] = 2.0 / (1.0 + (i * j) % 5);
        }

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            sum = 0.0;
            for (k = 0; k < N; k++)
                sum += A[i][k] * B[k][j];
            C[i][j] = sum;
        }

    trace = 0.0;
    check = 0.0;
    for (i = 0; i < N; i++) {
        trace += C[i][i];
        for (j = 0; j < N; j++)
            check += C[i][j] * (i + 2 * j + 1);
    }
    printf("trace %.14e\n", trace);
    printf("check %.14e\n", check);
    return 0;
}
