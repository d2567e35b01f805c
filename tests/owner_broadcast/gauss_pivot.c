/* Elimination with partial pivoting: the pivot is looked for by its row, rows are exchanged, then substituted. */
#include <math.h>
#include <stdio.h>
#ifndef N
#define N 17
#endif
double a[N][N], b[N], x[N];
int main(void) {
    int i, j, k, p;
    double tmp, m;
    for (i = 0; i < N; i++) {
        for (j = 0; j < N; j++)
            a[i][j] = ((i * 37 + j * 17) % 101) / 101.0 + (i + j == N - 1 ? 3.0 : 0.0);
        b[i] = 1.0 + i % 4;
    }
    for (k = 0; k < N; k++) {
        p = k;
        for (i = k + 1; i < N; i++)
            if (fabs(a[i][k]) > fabs(a[p][k]))
                p = i;
        if (p != k) {
            for (j = 0; j < N; j++) {
                tmp = a[k][j];
                a[k][j] = a[p][j];
                a[p][j] = tmp;
            }
            tmp = b[k];
            b[k] = b[p];
            b[p] = tmp;
        }
        for (i = k + 1; i < N; i++) {
            m = a[i][k] / a[k][k];
            for (j = k; j < N; j++)
                a[i][j] -= m * a[k][j];
            b[i] -= m * b[k];
        }
    }
    for (i = N - 1; i >= 0; i--) {
        tmp = b[i];
        for (j = i + 1; j < N; j++)
            tmp -= a[i][j] * x[j];
        x[i] = tmp / a[i][i];
    }
    for (i = 0; i < N; i++)
        printf("%.8f\n", x[i]);
    return 0;
}
