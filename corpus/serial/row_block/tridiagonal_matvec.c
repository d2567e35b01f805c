/* Tridiagonal matrix times vector, repeated with normalisation: the largest eigenvalue of a chain of springs. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = 400, steps = 20;
    if (argc > 1) n = atoi(argv[1]);

    double *lower = malloc(n * sizeof(double));
    double *diag  = malloc(n * sizeof(double));
    double *upper = malloc(n * sizeof(double));
    double *x     = malloc(n * sizeof(double));
    double *y     = malloc(n * sizeof(double));

    for (int i = 0; i < n; i++) {
        diag[i] = 2.0 + 0.1 * (i % 3);
        lower[i] = i > 0 ? -1.0 : 0.0;
        upper[i] = i < n - 1 ? -1.0 : 0.0;
        x[i] = 1.0 + (i % 2 ? -0.5 : 0.5);
    }

    double eigenvalue = 0.0;
    for (int step = 0; step < steps; step++) {
        for (int i = 0; i < n; i++) {
            double s = diag[i] * x[i];
            if (i > 0)
                s += lower[i] * x[i - 1];
            if (i < n - 1)
                s += upper[i] * x[i + 1];
            y[i] = s;
        }
        double norm = 0.0;
        for (int i = 0; i < n; i++)
            norm += y[i] * y[i];
        norm = sqrt(norm);
        for (int i = 0; i < n; i++)
            x[i] = y[i] / norm;
        eigenvalue = norm;
    }

    double shape = 0.0;
    for (int i = 0; i < n; i++)
        shape += fabs(x[i]) * (i + 1);
    printf("eigenvalue %.13e\nshape %.13e\n", eigenvalue, shape);

    free(lower);
    free(diag);
    free(upper);
    free(x);
    free(y);
    return 0;
}
