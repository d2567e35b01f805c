/* ASUM of the level-1 BLAS: the sum of |x| */
#include <math.h>
#include <stdio.h>

#define N 450

static double x[N];

int main(void)
{
    for (int i = 0; i < N; i++)
        x[i] = i % 13 - 6.5;

    double sum = 0.0;
    for (int i = 0; i < N; i++)
        sum += fabs(x[i]);

    printf("asum %.12e\n", sum);
    return 0;
}
