/* r = b - A x for a dense system, and how large it is. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define a(i, j) a[(size_t)(i) * n + (j)]

int main(int argc, char **argv)
{
    int n = (argc > 1) ? atoi(argv[1]) : 72;
    if (n < 1) {
        fprintf(stderr, "%s: n must be positive\n", argv[0]);
        return EXIT_FAILURE;
    }
    double *a = malloc((size_t)n * n * sizeof *a);
    double *b = malloc(n * sizeof *b);
    double *x = malloc(n * sizeof *x);
    double *r = malloc(n * sizeof *r);

    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            a(i, j) = i == j ? 2.0 * n : 1.0 / (1.0 + i + j);
        b[i] = 3.0 * n + i;
        x[i] = 1.0;
    }

    for (int i = 0; i < n; i++) {
        r[i] = b[i];
        for (int j = 0; j < n; j++)
            r[i] -= a(i, j) * x[j];
    }

    double two = 0.0, inf = 0.0;
    for (int i = 0; i < n; i++) {
        two += r[i] * r[i];
        inf = fmax(inf, fabs(r[i]));
    }
    printf("n %d two-norm %.13e largest %.16e\n", n, sqrt(two), inf);

    free(a);
    free(b);
    free(x);
    free(r);
    return 0;
}
