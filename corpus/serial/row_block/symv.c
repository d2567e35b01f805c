/* SYMV of BLAS: y = A x, ten times, with a symmetric matrix of which only the lower triangle is stored. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 90;
    double (*a)[n] = malloc(n * sizeof *a);
    double *x = malloc(n * sizeof *x);
    double *y = malloc(n * sizeof *y);
    double energy = 0.0, most = 0.0;
    int i, j, step;

    for (i = 0; i < n; i++) {
        x[i] = 1.0 + i % 5;
        for (j = 0; j <= i; j++)
            a[i][j] = i == j ? 4.0 : 1.0 / (1 + i + j);
    }

    for (step = 0; step < 10; step++) {
        for (i = 0; i < n; i++) {
            double sum = 0.0;
            for (j = 0; j <= i; j++)
                sum += a[i][j] * x[j];
            for (j = i + 1; j < n; j++)
                sum += a[j][i] * x[j];
            y[i] = sum;
        }
        for (i = 0; i < n; i++)
            x[i] = 0.2 * y[i];
    }

    for (i = 0; i < n; i++) {
        energy += x[i] * y[i];
        if (y[i] > most)
            most = y[i];
    }
    printf("energy %.12e most %.12e\n", energy, most);
    free(a);
    free(x);
    free(y);
    return 0;
}
