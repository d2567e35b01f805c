/* Matrices that one function makes and another frees: rows by themselves, or in one piece. */
#include <stdio.h>
#include <stdlib.h>

static double **rows_of_their_own(int n, int m)
{
    double **p = malloc(n * sizeof *p);
    if (p == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    for (int i = 0; i < n; i++)
        p[i] = calloc(m, sizeof **p);
    return p;
}

static void free_rows(double **p, int n)
{
    for (int i = 0; i < n; i++)
        free(p[i]);
    free(p);
}

static double **one_piece(int n, int m)
{
    int i;
    double *data = malloc(n * m * sizeof(double));
    double **p = (double **)malloc(n * sizeof(double *));
    for (i = 0; i < n; i++)
        p[i] = &data[i * m];
    return p;
}

static void free_piece(double **p)
{
    free(p[0]);
    free(p);
}

int main(void)
{
    int n = 17, m = 9;
    double **u = rows_of_their_own(n, m), **v = rows_of_their_own(n, m);
    double **w = one_piece(n, m);
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            u[i][j] = w[i][j] = (i * 7 + j * 3) % 11;
    for (int t = 0; t < 5; t++) {
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < m - 1; j++)
                v[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]) + 0.1 * w[i][j];
        double **other = u;
        u = v;
        v = other;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            sum += u[i][j] * w[i][j];
    printf("%.10f\n", sum);
    free_rows(u, n);
    free_rows(v, n);
    free_piece(w);
    return 0;
}
