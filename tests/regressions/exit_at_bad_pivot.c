/* A helper ends the program at a bad pivot; columns that it reads are gathered in its text. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
/* Cholesky in place; exit on a bad pivot, done in a helper */
static double *alloc(int n) { double *p = malloc(n * sizeof *p); if (p == NULL) { perror("malloc"); exit(1); } return p; }
static void cholesky(double *a, int n)
{
    for (int k = 0; k < n; k++) {
        double d = a[k * n + k];
        if (d <= 0.0) {
            fprintf(stderr, "not positive definite at %d\n", k);
            exit(EXIT_FAILURE);
        }
        d = sqrt(d);
        a[k * n + k] = d;
        for (int i = k + 1; i < n; i++)
            a[i * n + k] /= d;
        for (int j = k + 1; j < n; j++)
            for (int i = j; i < n; i++)
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
    }
}
int main(void)
{
    int n = 40;
    double *a = alloc(n * n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = (i == j) ? n : 1.0 / (1 + abs(i - j));
    cholesky(a, n);
    double t = 0;
    for (int i = 0; i < n; i++)
        t += log(a[i * n + i]);
    printf("log det %.10f\n", 2 * t);
    free(a);
    return 0;
}
