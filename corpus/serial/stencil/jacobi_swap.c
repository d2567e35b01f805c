/* Laplace's equation on a square by Jacobi's method: two buffers that swap, until the largest change is small.
   The borders are set apart from the inside. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 40
#define TOLERANCE 1e-3
#define MAX_SWEEPS 150

int main(void)
{
    const int n = N;
    double *u = calloc((size_t)n * n, sizeof *u);
    double *v = calloc((size_t)n * n, sizeof *v);
    double change = 2.0 * TOLERANCE;
    int sweep = 0;

    for (int j = 0; j < n; j++) {           /* top held at 1, bottom at 0.25 */
        u[0 * n + j] = 1.0;
        v[0 * n + j] = 1.0;
        u[(n - 1) * n + j] = 0.25;
        v[(n - 1) * n + j] = 0.25;
    }
    for (int i = 1; i < n - 1; i++) {       /* left side rises from bottom to top */
        u[i * n] = 1.0 - 0.75 * i / (n - 1);
        v[i * n] = u[i * n];
    }

    while (change > TOLERANCE && sweep < MAX_SWEEPS) {
        change = 0.0;
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++) {
                v[i * n + j] = 0.25 * (u[(i - 1) * n + j] + u[(i + 1) * n + j]
                                       + u[i * n + j - 1] + u[i * n + j + 1]);
                change = fmax(change, fabs(v[i * n + j] - u[i * n + j]));
            }
        double *t = u;
        u = v;
        v = t;
        sweep++;
    }

    printf("%d sweeps, last change %.16e\n", sweep, change);
    printf("centre %.17g\n", u[(n / 2) * n + n / 2]);
    free(u);
    free(v);
    return 0;
}
