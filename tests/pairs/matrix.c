/* Rows of a matrix, a vector that every rank needs, and sums over ranges of their own. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = 60, m = 40;
    if (argc > 1)
        n = atoi(argv[1]);
    double *a = malloc(n * m * sizeof(double));
    double *b = malloc(n * m * sizeof(double));
    double *x = malloc(m * sizeof(double));
    double *y = calloc(n, sizeof(double));
    if (!a || !b || !x || !y) {
        fprintf(stderr, "no memory\n");
        return 1;
    }
    for (int j = 0; j < m; j++)
        x[j] = 1.0 / (j + 1);
    for (int k = 0; k < n * m; k++)
        b[k] = 0.25;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            int k = i * m + j;
            a[k] = (i == j) + 0.1 * (i - j);
        }
    for (int i = 2; i < n - 2; i++)
        for (int j = 0; j < m; j++)
            b[i * m + j] = a[(i - 2) * m + j] + a[(i + 1) * m + j];
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int j = 0; j < m; j++)
            sum += (a[i * m + j] + b[i * m + j]) * x[j];
        y[i] = sum;
    }
    long odd = 1;
    for (int k = 1; k <= n; k += 2)
        odd += k;
    double top = y[0];
    for (int i = 1; i < n; i++)
        if (y[n - i] > top)
            top = y[n - i];
    printf("%ld %.6e %.6e\n", odd, top, y[n - 1]);
    free(a);
    free(b);
    free(x);
    free(y);
    return 0;
}
