/* TRMV of BLAS: x = L x in place, from the last row up, so that the elements still to be read are the old ones. */
#include <stdio.h>
#include <stdlib.h>

#define L(i, j) l[(i) * n + (j)]

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 96;
    double *l = malloc((size_t)n * n * sizeof *l);
    double *x = malloc(n * sizeof *x);
    double sum, check = 0.0;
    int i, j;

    for (i = 0; i < n; i++) {
        x[i] = 0.5 + i % 7;
        for (j = 0; j < n; j++)
            L(i, j) = j <= i ? 1.0 / (1.0 + i - j) : 0.0;
    }

    for (i = n - 1; i >= 0; i--) {
        sum = 0.0;
        for (j = 0; j <= i; j++)
            sum += L(i, j) * x[j];
        x[i] = sum;
    }

    for (i = 0; i < n; i++)
        check += x[i] * (1 + i % 3);
    printf("check %.12e\n", check);
    printf("first %.12e last %.12e\n", x[0], x[n - 1]);
    free(l);
    free(x);
    return 0;
}
