/* SYR2K of BLAS: C = A B' + B A', upper triangle, with arrays of variable length. */
#include <stdio.h>
#include <stdlib.h>

static void syr2k(int n, int k, double c[n][n], double a[n][k], double b[n][k])
{
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++) {
            c[i][j] = 0.0;
            for (int l = 0; l < k; l++)
                c[i][j] += a[i][l] * b[j][l] + b[i][l] * a[j][l];
        }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 56, k = 20;
    double (*a)[k] = malloc(sizeof(double[n][k]));
    double (*b)[k] = malloc(sizeof(double[n][k]));
    double (*c)[n] = malloc(sizeof(double[n][n]));

    for (int i = 0; i < n; i++)
        for (int l = 0; l < k; l++) {
            a[i][l] = (i + 2 * l) % 7 - 2.5;
            b[i][l] = (2 * i + l) % 5 + 0.25;
        }

    syr2k(n, k, c, a, b);

    double check = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++)
            check += c[i][j] * (1 + (i + j) % 4);
    printf("n %d k %d check %.12e corner %.12e\n", n, k, check, c[0][n - 1]);
    free(a);
    free(b);
    free(c);
    return 0;
}
