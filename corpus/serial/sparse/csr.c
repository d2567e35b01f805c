/* SpMV with compressed rows (CSR): a band with a gap, built row by row; the product by a function, again and again. */
#include <stdio.h>
#include <stdlib.h>

static void spmv(int n, const int *start, const int *column, const double *value, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = start[i]; k < start[i + 1]; k++)
            sum += value[k] * x[column[k]];
        y[i] = sum;
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 300;
    int *start = malloc((n + 1) * sizeof *start);
    int *column = malloc((size_t)n * 5 * sizeof *column);
    double *value = malloc((size_t)n * 5 * sizeof *value);
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
    int filled = 0;

    for (int i = 0; i < n; i++) {
        start[i] = filled;
        for (int d = -2; d <= 2; d++) {
            int j = i + 3 * d;
            if (j >= 0 && j < n) {
                column[filled] = j;
                value[filled] = d == 0 ? 8.0 : -1.0 / (1 + i % 4);
                filled++;
            }
        }
    }
    start[n] = filled;
    for (int i = 0; i < n; i++)
        x[i] = 1.0 + i % 7;

    for (int times = 0; times < 40; times++) {
        spmv(n, start, column, value, x, y);
        for (int i = 0; i < n; i++)
            x[i] = 0.125 * y[i];
    }

    double check = 0.0;
    for (int i = 0; i < n; i++)
        check += y[i] * (1 + i % 3);
    printf("%d elements, check %.12e\n", filled, check);
    printf("y[0] %.12e y[%d] %.12e\n", y[0], n - 1, y[n - 1]);
    free(start);
    free(column);
    free(value);
    free(x);
    free(y);
    return 0;
}
