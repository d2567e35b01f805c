/* DOT, ASUM and NRM2 of the level-1 BLAS. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 1024

int main(void)
{
    double *x = malloc(N * sizeof(*x)), *y = malloc(N * sizeof(*y));
    double dot, asum, nrm2;
    int i;

    if (x == NULL || y == NULL) {
        perror("malloc");
        exit(EXIT_FAILURE);
    }
    for (i = 0; i < N; ++i) {
        x[i] = (i % 2 ? -1.0 : 1.0) * (1.0 + i / 64.0);
        y[i] = (i % 2 ? -0.5 : 0.25) * (2.0 + i % 9);
    }

    dot = 0.0;
    for (i = 0; i < N; ++i)
        dot += x[i] * y[i];

    asum = 0.0;
    for (i = 0; i < N; ++i)
        asum += fabs(x[i]);

    nrm2 = 0.0;
    for (i = 0; i < N; ++i)
        nrm2 = nrm2 + x[i] * x[i];
    nrm2 = sqrt(nrm2);

    printf("dot  %.15g\n", dot);
    printf("asum %.15g\n", asum);
    printf("nrm2 %.15g\n", nrm2);
    free(x);
    free(y);
    return 0;
}
