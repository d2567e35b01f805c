/* SCAL of the level-1 BLAS: x <- a x */
#include <stdio.h>

#define N 400

static double x[N];

int main(void)
{
    double a = 1.75;

    for (int i = 0; i < N; i++)
        x[i] = i % 11 - 5.0;

    for (int i = 0; i < N; i++)
        x[i] *= a;

    for (int i = 0; i < N; i++)
        printf("%.12e\n", x[i]);
    return 0;
}
