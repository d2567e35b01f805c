/* Rows dealt in turn, and a vector and rows of a matrix that every rank holds: their parts are gathered. */
#include <stdio.h>
#define N 23
static double a[N][N], f[N], r[N][N];
int main(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = i == j ? N + 1.0 : 1.0 / (1.0 + i + 2.0 * j);
    for (int k = 0; k < N; k++) {
        for (int i = k + 1; i < N; i++) {
            f[i] = a[i][k] / a[k][k];
            r[k][i] = f[i] + 1;
            for (int j = k; j < N; j++)
                a[i][j] -= f[i] * a[k][j];
        }
        for (int j = 0; j < N; j++)
            a[k][j] += f[N - 1 - j] * f[(j * j) % N] + r[k][(j * 3) % N];
    }
    double s = 0.0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            s += a[i][j] * (1 + i % 3) / (1 + j % 5) + r[j][i];
    printf("%.9f %.9f\n", s, a[N - 1][N - 1]);
    return 0;
}
