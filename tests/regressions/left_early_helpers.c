/* Helper functions that return from inside loops: the loops in them and behind them are divided. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define N 50
#define M 20
static double a[N][M], b[N][M];
static int place[N];
static double worst[N];
static int first_above(double x[N][M], int i, double limit)
{
    for (int j = 0; j < M; j++)
        if (x[i][j] > limit)
            return j;
    return -1;
}
/* 0 if fine, the row + 1 of the first bad element otherwise; counts what it sees */
static int check(double x[N][M], double *sum)
{
    double s = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            s += x[i][j];
    *sum = s;
    if (s < 0)
        return -1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            if (x[i][j] > 0.99)
                return i + 1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            x[i][j] *= 2.0;
    return 0;
}
static double at_or(double x[N][M], int k)
{
    while (k < N) {
        if (x[k][0] > 0.3)
            return x[k][1];
        k++;
    }
    return 0.25;
}
static void smooth(double x[N][M], double y[N][M], int sweeps, double tol)
{
    if (sweeps <= 0)
        return;
    do {
        double d = 0;
        for (int i = 1; i < N - 1; i++)
            for (int j = 0; j < M; j++)
                y[i][j] = 0.5 * (x[i-1][j] + x[i+1][j]);
        for (int i = 1; i < N - 1; i++)
            for (int j = 0; j < M; j++) {
                d = fmax(d, fabs(x[i][j] - y[i][j]));
                x[i][j] = y[i][j];
            }
        if (d < tol)
            return;
        if (d > 1e6) {
            printf("diverged\n");
            return;
        }
    } while (--sweeps > 0);
    printf("not converged\n");
}
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            a[i][j] = b[i][j] = fabs(sin(0.1 * i * j));
    for (int i = 0; i < N; i++) {
        place[i] = first_above(a, i, 0.9);
        worst[i] = place[i] < 0 ? 0.0 : a[i][place[i]];
    }
    double sum, total = 0;
    int count = 0;
    int bad = check(a, &sum);
    printf("bad %d sum %.10f\n", bad, sum);
    printf("%.10f\n", at_or(a, 2));
    smooth(a, b, 30, 1e-3);
    for (int i = 0; i < N; i++) {
        total += worst[i];
        count += place[i];
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            total += a[i][j];
    printf("%.10f %d\n", total, count);
    return 0;
}
