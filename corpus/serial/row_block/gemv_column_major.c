/* GEMV of BLAS as Fortran writes it: the matrix by columns, counted from 1, one column added after the other. */
#include <stdio.h>
#include <stdlib.h>

#define A(i, j) a[(i) - 1 + ((j) - 1) * lda]
#define X(j) x[(j) - 1]
#define Y(i) y[(i) - 1]

int main(int argc, char **argv)
{
    int n, lda, i, j;
    double *a, *x, *y, check;

    n = argc > 1 ? atoi(argv[1]) : 96;
    lda = n;
    a = malloc((size_t)lda * n * sizeof(double));
    x = malloc(n * sizeof(double));
    y = malloc(n * sizeof(double));

    for (j = 1; j <= n; j++) {
        X(j) = 1.0 / (j + 1.0);
        for (i = 1; i <= n; i++)
            A(i, j) = (i * 3 + j * 7) % 13 - 6.0;
    }

    for (i = 1; i <= n; i++)
        Y(i) = 0.0;
    for (j = 1; j <= n; j++) {
        double factor = 1.5 * X(j);
        for (i = 1; i <= n; i++)
            Y(i) += factor * A(i, j);
    }

    check = 0.0;
    for (i = 1; i <= n; i++)
        check += Y(i) * (1 + i % 3);
    printf("check %.11e\n", check);
    printf("y(1) %.11e y(n) %.11e\n", Y(1), Y(n));
    free(a);
    free(x);
    free(y);
    return 0;
}
