/* Gaussian elimination with pivots: rows dealt in turn are printed, then gathered whole for the back substitution. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define N 19
int main(void)
{
    static double a[N][N + 1];
    double x[N];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) a[i][j] = 1.0 / (1 + abs(i - j)) + (i == j) * 3;
        a[i][N] = i + 1;
    }
    for (int k = 0; k < N; k++) {
        int p = k;
        for (int i = k + 1; i < N; i++) if (fabs(a[i][k]) > fabs(a[p][k])) p = i;
        for (int j = k; j <= N; j++) { double t = a[k][j]; a[k][j] = a[p][j]; a[p][j] = t; }
        for (int i = k + 1; i < N; i++) {
            double f = a[i][k] / a[k][k];
            for (int j = k; j <= N; j++) a[i][j] -= f * a[k][j];
        }
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j <= N; j++) printf("%8.3f", a[i][j]);
        printf("\n");
    }
    for (int i = N - 1; i >= 0; i--) {
        double s = a[i][N];
        for (int j = i + 1; j < N; j++) s -= a[i][j] * x[j];
        x[i] = s / a[i][i];
    }
    for (int i = 0; i < N; i++) printf("x[%d] = %.6f\n", i, x[i]);
    return 0;
}
