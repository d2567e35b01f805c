/* DOT of the level-1 BLAS: x . y */
#include <stdio.h>

#define N 500

static double x[N], y[N];

int main(void)
{
    for (int i = 0; i < N; i++) {
        x[i] = 0.5 + i % 7;
        y[i] = 1.0 / (i + 1);
    }

    double sum = 0.0;
    for (int i = 0; i < N; i++)
        sum += x[i] * y[i];

    printf("dot %.12e\n", sum);
    return 0;
}
