/* LU in place: the rows below the pivot become fewer, so rows are dealt in turn. */
#include <stdio.h>
#ifndef N
#define N 18
#endif
static double a[N][N];
int main(void) {
    int i, j, k;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++)
            a[i][j] = i == j ? N + 1.0 : 1.0 / (1.0 + i + 2.0 * j);
    for (k = 0; k < N; k++) {
        for (i = k + 1; i < N; i++) {
            a[i][k] = a[i][k] / a[k][k];
            for (j = k + 1; j < N; j++)
                a[i][j] -= a[i][k] * a[k][j];
        }
    }
    double s = 0.0;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++)
            s += a[i][j] * (1 + i % 3) / (1 + j % 5);
    printf("%.9f %.9f\n", s, a[N - 1][N - 1]);
    return 0;
}
