/* NRM2 of the level-1 BLAS: the Euclidean length of x */
#include <math.h>
#include <stdio.h>

#define N 350

static double x[N];

int main(void)
{
    for (int i = 0; i < N; i++)
        x[i] = 0.25 * (i % 9) - 1.0;

    double squares = 0.0;
    for (int i = 0; i < N; i++)
        squares += x[i] * x[i];

    printf("nrm2 %.12e\n", sqrt(squares));
    return 0;
}
