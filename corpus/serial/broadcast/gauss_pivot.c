/* Gauss's elimination with partial pivoting, then back substitution. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 40;
    double (*a)[n] = malloc(sizeof(double[n][n]));
    double *b = malloc(n * sizeof *b), *x = malloc(n * sizeof *x);

    for (int i = 0; i < n; i++) {
        b[i] = 1.0 + i % 3;
        for (int j = 0; j < n; j++)
            a[i][j] = (i * 7 + j * 11 + i * j) % 13 + (i == j ? 4.0 : 0.5);
    }

    for (int k = 0; k < n; k++) {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[pivot][k]))
                pivot = i;
        for (int j = k; j < n; j++) {
            double t = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        double t = b[k];
        b[k] = b[pivot];
        b[pivot] = t;
        for (int i = k + 1; i < n; i++) {
            double factor = a[i][k] / a[k][k];
            for (int j = k; j < n; j++)
                a[i][j] -= factor * a[k][j];
            b[i] -= factor * b[k];
        }
    }
    for (int i = n - 1; i >= 0; i--) {
        x[i] = b[i];
        for (int j = i + 1; j < n; j++)
            x[i] -= a[i][j] * x[j];
        x[i] /= a[i][i];
    }

    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += fabs(x[i]);
    printf("sum %.6e\n", sum);
    free(a);
    free(b);
    free(x);
    return 0;
}
