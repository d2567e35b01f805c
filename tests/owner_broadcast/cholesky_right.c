/* Cholesky, right-looking: column k is needed by all. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#ifndef SIZE
#define SIZE 17
#endif
int main(void) {
    int n = SIZE;
    double *a = malloc(n * n * sizeof *a);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = (i == j ? n : 0) + 1.0 / (1 + i + j);
    for (int k = 0; k < n; k++) {
        a[k * n + k] = sqrt(a[k * n + k]);
        for (int i = k + 1; i < n; i++)
            a[i * n + k] /= a[k * n + k];
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j <= i; j++)
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
    }
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            sum += a[i * n + j];
    printf("%.10f\n", sum);
    free(a);
    return 0;
}
