/* SYRK of BLAS: C = alpha A A' + beta C, lower triangle; matrices as arrays of rows. */
#include <stdio.h>
#include <stdlib.h>

static double **new_matrix(int rows, int columns)
{
    double **m = malloc(rows * sizeof(double *));
    for (int i = 0; i < rows; i++)
        m[i] = malloc(columns * sizeof(double));
    return m;
}

static void free_matrix(double **m, int rows)
{
    for (int i = 0; i < rows; i++)
        free(m[i]);
    free(m);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 60;
    int k = 24;
    double **a = new_matrix(n, k), **c = new_matrix(n, n);

    for (int i = 0; i < n; i++) {
        for (int l = 0; l < k; l++)
            a[i][l] = ((i * l + 1) % 9) / 9.0;
        for (int j = 0; j < n; j++)
            c[i][j] = ((i + j) % 5) / 5.0;
    }

    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0.0;
            for (int l = 0; l < k; l++)
                sum += a[i][l] * a[j][l];
            c[i][j] = 1.5 * sum + 0.5 * c[i][j];
        }

    double trace = 0.0, total = 0.0;
    for (int i = 0; i < n; i++) {
        trace += c[i][i];
        for (int j = 0; j <= i; j++)
            total += c[i][j];
    }
    printf("trace %.12e total %.12e\n", trace, total);
    free_matrix(a, n);
    free_matrix(c, n);
    return 0;
}
