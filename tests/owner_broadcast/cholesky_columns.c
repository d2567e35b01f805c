/* Cholesky by columns in a helper function: column k is needed by all. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define N 17
static double a[N][N];
static void cholesky(void)
{
    for (int k = 0; k < N; k++) {
        a[k][k] = sqrt(a[k][k]);
        for (int i = k + 1; i < N; i++)
            a[i][k] /= a[k][k];
        for (int j = k + 1; j < N; j++)
            for (int i = j; i < N; i++)
                a[i][j] -= a[i][k] * a[j][k];
    }
}
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = i == j ? N : 1.0 / (1 + abs(i - j));
    cholesky();
    double t = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            t += a[i][j];
    printf("%.12f\n", t);
    return 0;
}
