/* TRSV of BLAS: L x = b by forward substitution; the check L x is a product that can be divided. */
#include <stdio.h>
#include <math.h>

#define N 90

static double l[N][N], b[N], x[N], y[N];

int main(void)
{
    double worst = 0.0, sum = 0.0;
    int i, j;

    for (i = 0; i < N; i++) {
        b[i] = 1.0 + i % 4;
        for (j = 0; j <= i; j++)
            l[i][j] = i == j ? 3.0 : 1.0 / (1.0 + i + j);
    }

    for (i = 0; i < N; i++) {
        double rest = b[i];
        for (j = 0; j < i; j++)
            rest -= l[i][j] * x[j];
        x[i] = rest / l[i][i];
    }

    for (i = 0; i < N; i++) {
        y[i] = 0.0;
        for (j = 0; j <= i; j++)
            y[i] += l[i][j] * x[j];
        worst = fmax(worst, fabs(y[i] - b[i]));
    }
    for (i = 0; i < N; i++)
        sum += x[i] * (1 + i % 3);
    printf("solved %d sum %.12e\n", worst < 1e-12, sum);
    return 0;
}
