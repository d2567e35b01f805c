/* Elimination with pivoting in a helper function that returns early where the matrix is singular. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define N 40
static double a[N][N], x[N], b[N];
/* Gaussian elimination with partial pivoting; returns 1 if singular */
static int solve(int n, double m[N][N], double *rhs, double *sol, double eps)
{
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(m[i][k]) > fabs(m[p][k]))
                p = i;
        if (fabs(m[p][k]) < eps)
            return 1;
        if (p != k) {
            for (int j = 0; j < n; j++) {
                double t = m[k][j];
                m[k][j] = m[p][j];
                m[p][j] = t;
            }
            double t = rhs[k];
            rhs[k] = rhs[p];
            rhs[p] = t;
        }
        for (int i = k + 1; i < n; i++) {
            double f = m[i][k] / m[k][k];
            for (int j = k; j < n; j++)
                m[i][j] -= f * m[k][j];
            rhs[i] -= f * rhs[k];
        }
    }
    for (int i = n - 1; i >= 0; i--) {
        double s = rhs[i];
        for (int j = i + 1; j < n; j++)
            s -= m[i][j] * sol[j];
        sol[i] = s / m[i][i];
    }
    return 0;
}
int main(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            a[i][j] = 1.0 / (1.0 + abs(i - j)) + (i == j ? 2.0 : 0.0);
        b[i] = i % 5;
    }
    if (solve(N, a, b, x, 1e-12)) {
        fprintf(stderr, "singular\n");
        return EXIT_FAILURE;
    }
    double s = 0;
    for (int i = 0; i < N; i++)
        s += x[i];
    printf("sum %.10f\n", s);
    return 0;
}
