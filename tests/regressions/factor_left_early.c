/* A factorisation that is given up at a pivot that is not positive: the loop is left by return, on all ranks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 90

static double a[N][N], b[N][N];

static int usable(double pivot)
{
    return pivot > 0.0;
}

int main(void)
{
    int i, j, k, done = 0;

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            a[i][j] = i == j ? N + 1.0 : 1.0 / (1.0 + abs(i - j));
            b[i][j] = i == j && i == 70 ? -1.0 : a[i][j];
        }

    for (k = 0; k < N; k++) {
        if (!usable(b[k][k]))
            break;
        for (i = k + 1; i < N; i++)
            b[i][k] /= b[k][k];
        for (i = k + 1; i < N; i++)
            for (j = k + 1; j < N; j++)
                b[i][j] -= b[i][k] * b[k][j];
        done++;
    }
    printf("eliminated %d\n", done);

    for (k = 0; k < N; k++) {
        if (a[k][k] <= 0.0) {
            printf("not positive definite\n");
            return 1;
        }
        a[k][k] = sqrt(a[k][k]);
        for (i = k + 1; i < N; i++)
            a[i][k] /= a[k][k];
        for (i = k + 1; i < N; i++)
            for (j = k + 1; j <= i; j++)
                a[i][j] -= a[i][k] * a[j][k];
        if (k == 50)
            a[60][60] = -3.0;
    }
    printf("%.12e\n", a[N - 1][N - 1]);
    return 0;
}
