/* LU with partial pivoting: the pivot is a maximum with its row, and rows are dealt in turn. */
#include <math.h>
#include <stdio.h>
#ifndef N
#define N 19
#endif
static double a[N][N];
static int perm[N];
int main(void) {
    for (int i = 0; i < N; i++) {
        perm[i] = i;
        for (int j = 0; j < N; j++)
            a[i][j] = ((i * 37 + j * 17) % 11) / 11.0 - 0.5 + (i + j == N - 1 ? 3.0 : 0.0);
    }
    for (int k = 0; k < N - 1; k++) {
        int p = k;
        double big = fabs(a[k][k]);
        for (int i = k + 1; i < N; i++) {
            double v = fabs(a[i][k]);
            if (v > big) {
                big = v;
                p = i;
            }
        }
        if (p != k) {
            int t = perm[k];
            perm[k] = perm[p];
            perm[p] = t;
            for (int j = 0; j < N; j++) {
                double s = a[k][j];
                a[k][j] = a[p][j];
                a[p][j] = s;
            }
        }
        if (a[k][k] == 0.0)
            continue;
        for (int i = k + 1; i < N; i++) {
            double l = a[i][k] /= a[k][k];
            for (int j = k + 1; j < N; j++)
                a[i][j] -= l * a[k][j];
        }
    }
    double s = 0.0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            s += a[i][j] * ((i + j) % 5);
    for (int i = 0; i < N; i++)
        printf("%d ", perm[i]);
    printf("\n%.8f\n", s);
    return 0;
}
