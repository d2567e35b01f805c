/* Rectangular matrix times vector, on static arrays, summed into y directly. */
#include <stdio.h>

#define M 90
#define K 70

static double a[M][K];
static double x[K];
static double y[M];

int main(void)
{
    int i, j;

    for (j = 0; j < K; j++)
        x[j] = 0.5 * j + 1.0;
    for (i = 0; i < M; i++)
        for (j = 0; j < K; j++)
            a[i][j] = (double) ((i + 2 * j + 1) % 13) / 13.0;

    for (i = 0; i < M; i++) {
        y[i] = 0.0;
        for (j = 0; j < K; j++)
            y[i] += a[i][j] * x[j];
    }

    /* the same again, column by column, on top */
    for (j = 0; j < K; j++)
        for (i = 0; i < M; i++)
            y[i] = y[i] + 0.5 * a[i][j] * x[j];

    printf("%.17g\n", y[0]);
    printf("%.17g\n", y[M / 2]);
    printf("%.17g\n", y[M - 1]);
    return 0;
}
