/* memory per rank: 5k */
#include <stdio.h>
#define N 33
static double a[N][N], b[N][N], c[N][N];
static void gemm(int n, double x[N][N], double y[N][N], double z[N][N]) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            z[i][j] = 0.0;
        for (int k = 0; k < n; k++) {
            double f = 2.0 * x[i][k];
            for (int j = 0; j < n; j++)
                z[i][j] += f * y[k][j];
        }
    }
}
int main(void) {
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = i + j; b[i][j] = i - 2.0 * j; }
    gemm(N, a, b, c);
    double t = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) t += c[i][j];
    for (int i = 0; i < N; i++) printf("%g\n", c[i][N - 1]);
    printf("%.14g\n", t);
}
