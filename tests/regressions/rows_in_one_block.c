#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 9, m = 2 * n + 1, i, j;
    double **a, **at, *pool, *x, *y;
    pool = (double *) calloc((size_t) n * m, sizeof(double));
    if (!pool) return 1;
    a = malloc(n * sizeof(double *));
    for (i = 0; i < n; ++i) a[i] = &pool[i * m];
    at = malloc(n * sizeof(double *));
    at[0] = malloc(n * m * sizeof(double));
    if (at[0] == NULL) { fprintf(stderr, "memory\n"); return 2; }
    for (i = 1; i < n; i++) at[i] = at[i - 1] + m;
    x = malloc(m * sizeof *x); y = malloc(n * sizeof *y);
    for (i = 0; i < n; i++) for (j = i; j < m; j++) a[i][j] += i + 2 * j;
    for (i = 0; i < n; i++) for (j = 0; j < m; j++) at[i][j] = 2 * a[i][j];
    for (j = 0; j < m; j++) x[j] = j % 5;
    for (i = 0; i < n; i++) {
        double s = 0;
        for (j = 0; j < m; j++) s += at[i][j] * x[j];
        y[i] = s;
    }
    double t = 0;
    for (i = 0; i < n; i++) t += y[i] * a[i][0];
    printf("%g\n", t);
    free(at[0]); free(at); free(pool); free(a); free(x); free(y);
    return 0;
}
