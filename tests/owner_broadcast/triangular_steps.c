/* Upwards elimination with derived subscripts, downward loops, a vector beside the matrix, and a diagonal. */
#include <stdio.h>
#include <stdlib.h>
#define N 16

int main(void) {
    double *a = malloc(N * N * sizeof *a), *b = malloc(N * sizeof *b);
    double last[N];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            int at = i * N + j;
            a[at] = 1.0 / (1 + (i * 3 + j) % 7);
        }
        a[i * N + i] += 3.0 + i;
        b[i] = i % 5;
        last[i] = 0.0;
    }
    for (int k = N - 1; k > 0; k--) {
        for (int i = k - 1; i >= 0; i--) {
            double m = a[i * N + k] / a[k * N + k];
            for (int j = 0; j <= k; j++)
                a[i * N + j] -= m * a[k * N + j];
            b[i] -= m * b[k];
            last[i] = m + i;
        }
        b[k] *= 0.5;
    }
    double trace = 0.0, sum = 0.0;
    for (int i = 0; i < N; i++) {
        trace += a[i * N + i];
        sum += b[i] * (i + 1);
    }
    printf("%.10f %.10f %.10f\n", trace, sum, last[3]);
    free(a);
    free(b);
    return 0;
}
