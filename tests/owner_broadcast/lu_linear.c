/* LU in place, in a linear array; the pivot is read outside the distributed loop. */
#include <stdio.h>
#include <stdlib.h>
#ifndef SIZE
#define SIZE 15
#endif
int main(void) {
    int n = SIZE;
    double *a = malloc((size_t)n * n * sizeof(double));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i * n + j] = (i == j) * (n + 1.0) + 1.0 / (1.0 + i + 2.0 * j);
    for (int k = 0; k < n - 1; k++) {
        double pivot = a[k * n + k];
        for (int i = k + 1; i < n; i++) {
            double f = a[i * n + k] / pivot;
            a[i * n + k] = f;
            for (int j = k + 1; j < n; j++)
                a[i * n + j] -= f * a[k * n + j];
        }
    }
    double det = 0.0;
    for (int i = 0; i < n; i++)
        det += a[i * n + i];
    printf("%.9f\n", det);
    free(a);
    return 0;
}
