/* A helper returns from inside the loop around one over columns: they are gathered inside, where control comes by. */
#include <stdio.h>
#include <math.h>
#define N 64
#define M 40
static double a[N][M], w[9];
static int seen[200];
static int relax(double x[N][M], const double *limit, int steps)
{
    for (int t = 0; t < steps; t++) {
        if (limit[t] < 0)
            return t;
        for (int j = 0; j < M; j++)
            for (int i = 1; i < N; i++)
                x[i][j] = 0.5 * x[i - 1][j] + 0.3 * x[i][j] + sin(x[i][j] + t);
    }
    return steps;
}
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            a[i][j] = (i * 7 + j * 3) % 11;
    for (int k = 0; k < 9; k++)
        w[k] = 5 - k;
    int t = relax(a, w, 9);
    for (int k = 0; k < 200; k++)
        seen[k] = (k * 31) % N;
    double s = 0;
    for (int k = 0; k < 200; k++)
        s += a[seen[k]][(k * 3) % M];
    printf("%d %.10f\n", t, s);
    return 0;
}
