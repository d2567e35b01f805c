/* Thomas's algorithm: the two sweeps are sequential; the equations are set up and checked in parallel. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 300

int main(void)
{
    double *a = malloc(N * sizeof(double)), *b = malloc(N * sizeof(double)), *c = malloc(N * sizeof(double));
    double *d = malloc(N * sizeof(double)), *e = malloc(N * sizeof(double)), *f = malloc(N * sizeof(double));
    double *x = malloc(N * sizeof(double)), worst = 0.0, sum = 0.0;
    int i;

    for (i = 0; i < N; i++) {
        a[i] = -1.0 - 0.125 * (i % 2);
        b[i] = 4.0 + sqrt(1.0 + i % 5);
        c[i] = -1.0 + 0.25 * (i % 3);
        d[i] = exp(-0.01 * i) * cos(0.1 * i) + 2.0;
    }

    e[0] = c[0] / b[0];
    f[0] = d[0] / b[0];
    for (i = 1; i < N; i++) {
        double pivot = b[i] - a[i] * e[i - 1];
        e[i] = c[i] / pivot;
        f[i] = (d[i] - a[i] * f[i - 1]) / pivot;
    }
    x[N - 1] = f[N - 1];
    for (i = N - 2; i >= 0; i--)
        x[i] = f[i] - e[i] * x[i + 1];

    for (i = 0; i < N; i++) {
        double left = b[i] * x[i];
        if (i > 0)
            left += a[i] * x[i - 1];
        if (i < N - 1)
            left += c[i] * x[i + 1];
        worst = fmax(worst, fabs(left - d[i]));
        sum += x[i] * (1.0 + i % 4);
    }
    printf("solved %d sum %.12e\n", worst < 1e-12, sum);
    free(a);
    free(b);
    free(c);
    free(d);
    free(e);
    free(f);
    free(x);
    return 0;
}
