/* Work space that a function allocates each time: means of clusters, and a sweep over a grid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#define D 3
static int assign(const double *x, int n, const double *c, int k, int *label)
{
    int changed = 0;
    for (int i = 0; i < n; i++) {
        double best = 1e300;
        int where = 0;
        for (int j = 0; j < k; j++) {
            double d = 0.0;
            for (int l = 0; l < D; l++) { double t = x[i * D + l] - c[j * D + l]; d += t * t; }
            if (d < best) { best = d; where = j; }
        }
        if (label[i] != where) { label[i] = where; changed++; }
    }
    return changed;
}
static void update(const double *x, int n, double *c, int k, const int *label)
{
    double *sum = calloc(k * D, sizeof *sum);
    int *count = calloc(k, sizeof *count);
    if (!sum || !count) exit(1);
    for (int i = 0; i < n; i++) {
        for (int l = 0; l < D; l++) sum[label[i] * D + l] += x[i * D + l];
        count[label[i]]++;
    }
    for (int j = 0; j < k; j++)
        if (count[j] > 0)
            for (int l = 0; l < D; l++) c[j * D + l] = sum[j * D + l] / count[j];
    free(sum);
    free(count);
}
static void step(double *u, int n, int m)
{
    double *next = malloc((size_t)n * m * sizeof *next);
    memcpy(next, u, (size_t)n * m * sizeof *u);
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < m - 1; j++)
            next[i * m + j] = 0.25 * (u[(i - 1) * m + j] + u[(i + 1) * m + j] + u[i * m + j - 1] + u[i * m + j + 1]);
    memcpy(u, next, (size_t)n * m * sizeof *u);
    free(next);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 60, k = 5;
    double *x = malloc(n * D * sizeof *x), *c = malloc(k * D * sizeof *c);
    int *label = malloc(n * sizeof *label);
    for (int i = 0; i < n; i++) {
        for (int l = 0; l < D; l++) x[i * D + l] = ((i * 37 + l * 11) % 101) / 10.0 + (i % k) * 3.0;
        label[i] = -1;
    }
    for (int j = 0; j < k; j++) for (int l = 0; l < D; l++) c[j * D + l] = x[j * D + l];
    int it = 0;
    while (it < 30 && assign(x, n, c, k, label) > 0) {
        update(x, n, c, k, label);
        it++;
    }
    int m = 7;
    double *u = malloc((size_t)n * m * sizeof *u), total = 0.0;
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) u[i * m + j] = i == 0 ? 1.0 : 0.01 * j;
    for (int t = 0; t < 5; t++) step(u, n, m);
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) total += u[i * m + j] * (i + 1);
    printf("%.10f\n", total);
    free(u);
    double inertia = 0.0;
    for (int i = 0; i < n; i++) for (int l = 0; l < D; l++) { double t = x[i * D + l] - c[label[i] * D + l]; inertia += t * t; }
    printf("%d iterations, inertia %.10f\n", it, inertia);
    for (int j = 0; j < k; j++) printf("%.8f %.8f %.8f\n", c[j * D], c[j * D + 1], c[j * D + 2]);
    free(x); free(c); free(label);
    return 0;
}
