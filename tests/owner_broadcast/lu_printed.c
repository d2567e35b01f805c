/* Rows dealt in turn are printed: upwards, downwards, in steps; two arrays in a line. */
#include <stdio.h>
#include <math.h>
#define N 23
int main(void)
{
    static double a[N][N], d[N];
    int i, j, k;
    for (i = 0; i < N; i++) {
        for (j = 0; j < N; j++) a[i][j] = 1.0 / (1 + i + j) + (i == j) * 3;
        d[i] = i * 0.5;
    }
    for (k = 0; k < N; k++)
        for (i = k + 1; i < N; i++) {
            a[i][k] /= a[k][k];
            for (j = k + 1; j < N; j++) a[i][j] -= a[i][k] * a[k][j];
            d[i] += a[i][k];
        }
    printf("LU =\n");
    for (i = 0; i < N; i++) {
        for (j = 0; j < N; j++) printf("%8.3f%s", a[i][j], j == N - 1 ? "\n" : " ");
    }
    for (i = N - 1; i >= 0; i--) printf("%d %.6f %.6f\n", i, d[i], a[i][i]);
    for (i = 1; i < N - 1; i += 3) if (i % 2 == 0) printf("%d %.6f\n", i, a[i][0]);
    return 0;
}
