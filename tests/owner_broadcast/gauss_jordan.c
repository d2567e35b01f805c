/* The inverse of a matrix by Gauss and Jordan: row k is scaled, then taken from all others. */
#include <stdio.h>
#include <stdlib.h>
#ifndef SIZE
#define SIZE 14
#endif
int main(void) {
    const int n = SIZE, m = 2 * SIZE;
    double *w = (double *)calloc((size_t)n * m, sizeof(double));
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            w[i * m + j] = 1.0 / (i + j + 1.0) + (i == j ? 2.0 : 0.0);
        w[i * m + n + i] = 1.0;
    }
    for (int k = 0; k < n; k++) {
        double p = 1.0 / w[k * m + k];
        for (int j = 0; j < m; j++)
            w[k * m + j] *= p;
        for (int i = 0; i < n; i++) {
            if (i == k)
                continue;
            double f = w[i * m + k];
            for (int j = 0; j < m; j++)
                w[i * m + j] -= f * w[k * m + j];
        }
    }
    double trace = 0.0;
    for (int i = 0; i < n; i++)
        trace += w[i * m + n + i];
    printf("%.10f %.10f\n", trace, w[n + 1]);
    free(w);
    return 0;
}
