/* Elimination with pivoting: rows change places by their pointers, in a helper function; rows are checked where they
   are made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double **new_matrix(int rows, int columns)
{
    double **m = (double **)malloc(rows * sizeof(double *));
    if (m == NULL)
        exit(1);
    for (int i = 0; i < rows; i++) {
        m[i] = (double *)malloc(columns * sizeof(double));
        if (!m[i])
            exit(1);
    }
    return m;
}

static void swap_rows(double **a, int n, int p, int q)
{
    double *t;
    if (p == q || n < 1)
        return;
    t = a[p];
    a[p] = a[q];
    a[q] = t;
}

static int factor(double **a, int n)
{
    int sign = 1;
    for (int k = 0; k < n; k++) {
        int pivot = k;
        double largest = 0.0;
        for (int i = k; i < n; i++)
            if (fabs(a[i][k]) > largest) {
                largest = fabs(a[i][k]);
                pivot = i;
            }
        if (largest == 0.0)
            return 0;
        if (pivot != k) {
            swap_rows(a, n, k, pivot);
            sign = -sign;
        }
        for (int i = k + 1; i < n; i++) {
            a[i][k] /= a[k][k];
            for (int j = k + 1; j < n; j++)
                a[i][j] -= a[i][k] * a[k][j];
        }
    }
    return sign;
}

int main(void)
{
    int n = 19;
    double **a = new_matrix(n, n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = (i * 5 + j * 7 + i * j) % 13 + (i == (j + 3) % n ? 9.0 : 0.25);
    double determinant = factor(a, n);
    for (int i = 0; i < n; i++)
        determinant *= a[i][i];
    printf("%.8e\n", determinant);
    for (int i = 0; i < n; i++)
        free(a[i]);
    free(a);
    return 0;
}
