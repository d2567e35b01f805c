/* TRMV of the level-2 BLAS: y <- L x, L a lower triangle. */
#include <stdio.h>

#define N 120

static double l[N][N], x[N], y[N];

int main(void)
{
    for (int i = 0; i < N; i++) {
        x[i] = 1.0 / (i + 1);
        for (int j = 0; j <= i; j++)
            l[i][j] = (i + 2 * j) % 9 - 4.0;
    }

    for (int i = 0; i < N; i++) {
        y[i] = 0.0;
        for (int j = 0; j <= i; j++)
            y[i] += l[i][j] * x[j];
    }

    double sum = 0.0;
    for (int i = 0; i < N; i++)
        sum += y[i] * (1 + i % 3);
    printf("trmv %.12e\n", sum);
    return 0;
}
