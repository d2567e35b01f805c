#include <stdio.h>
#include <stdlib.h>
#include <math.h>

/* power iteration on a sparse matrix in CSR form */
static void spmv(int n, const int *ptr, const int *col, const double *val, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = ptr[i]; k < ptr[i + 1]; k++)
            sum += val[k] * x[col[k]];
        y[i] = sum;
    }
}

static double norm(int n, const double *x)
{
    double s = 0.0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i];
    return sqrt(s);
}

int main(int argc, char *argv[])
{
    int n = argc > 1 ? atoi(argv[1]) : 43;
    int *ptr = malloc((n + 1) * sizeof *ptr);
    int *col = malloc(5 * n * sizeof *col);
    double *val = malloc(5 * n * sizeof *val);
    double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
    int nnz = 0;
    ptr[0] = 0;
    for (int i = 0; i < n; i++) {
        for (int d = -2; d <= 2; d++) {
            int j = i + d * (i % 3 + 1);
            if (j >= 0 && j < n) {
                col[nnz] = j;
                val[nnz] = d == 0 ? 4.0 : -1.0 / (1 + d * d);
                nnz++;
            }
        }
        ptr[i + 1] = nnz;
    }
    for (int i = 0; i < n; i++)
        x[i] = 1.0;
    double lambda = 0.0;
    for (int it = 0; it < 12; it++) {
        spmv(n, ptr, col, val, x, y);
        lambda = norm(n, y);
        for (int i = 0; i < n; i++)
            x[i] = y[i] / lambda;
    }
    printf("nnz %d lambda %.9f\n", nnz, lambda);
    free(ptr); free(col); free(val); free(x); free(y);
    return 0;
}
