#include <stdio.h>
#include <stdlib.h>
/* helper functions with walking pointers */
static double dot(const double *p, const double *q, int n) {
    double s = 0.0;
    while (n-- > 0)
        s += *p++ * *q++;
    return s;
}
static void fill(double *first, double *last, double v) {
    while (first != last)
        *first++ = v;
}
static void scale(int n, double a, double *x) {
    double *end = x + n;
    for (; x < end; ++x)
        *x *= a;
}
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 60, m = 30;
    double *a = malloc((size_t)n * m * sizeof *a), *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
    int idx = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            a[idx++] = i + 0.25 * j;
    fill(x, x + n, 1.5);
    double *row = a;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < m; j++)
            s += row[j];
        y[i] = s;
        row += m;
    }
    scale(n, 0.5, y);
    const double *p = a;
    double t = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            t += *p++ * (j + 1);
    int k = 0;
    for (int i = 0; i < n; i += 1) { x[i] += y[k]; k += 1; }
    int i, j;
    for (i = 0, j = n - 1; i < n; i++, j--)
        y[i] = 0.5 * x[i] + j;
    double mx = y[0];
    for (const double *v = y + 1; v < y + n; v++)
        if (*v > mx) mx = *v;
    printf("%.10g %.10g %.10g\n", dot(x, y, n), t, mx);
    free(a); free(x); free(y);
    return 0;
}
