/* AXPY of the level-1 BLAS: y <- a x + y, on vectors made up on the spot. */
#include <stdio.h>
#include <stdlib.h>

#define N 1000

int main(void)
{
    const double a = 2.5;
    double *x = malloc(N * sizeof(double));
    double *y = malloc(N * sizeof(double));
    if (x == NULL || y == NULL) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }

    for (int i = 0; i < N; i++) {
        x[i] = 0.5 + i % 7;
        y[i] = 1.0 / (i + 1);
    }

    for (int i = 0; i < N; i++)
        y[i] += a * x[i];

    double sum = 0.0;
    for (int i = 0; i < N; i++)
        sum += (1.0 + 0.01 * i) * y[i];   /* weighted, so that a misplaced element shows */

    printf("checksum %.15g\n", sum);
    printf("y[0] = %.17g, y[%d] = %.17g\n", y[0], N - 1, y[N - 1]);

    free(x);
    free(y);
    return 0;
}
