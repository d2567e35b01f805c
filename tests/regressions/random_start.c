/* Every rank steps the generators, and stores what it owns. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define N 29
#define M 7
static unsigned int state = 17;
static double rnd(void) {
    state = state * 1103515245u + 12345u;
    return (state >> 16 & 0x7fff) / 32768.0;
}
int main(void) {
    static double u[N][M];
    double *a = malloc(N * M * sizeof *a), *x = malloc(N * sizeof *x), *y = calloc(N, sizeof *y);
    int *c = malloc(N * sizeof(int));
    unsigned long seed = 3;
    srand(42);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            u[i][j] = rand() / (double)RAND_MAX;
    for (int k = 0; k < N * M; k++)
        a[k] = 2.0 * rnd() - 1.0;
    for (int i = 0; i < N; i++) {
        x[i] = rnd();
        y[i] += rnd();
        c[i] = seed = (seed * 16807) % 2147483647;
    }
    double s = 0;
    for (int i = 1; i < N; i++) y[i] = x[i] + 0.1 * rnd() + x[i-1];
    for (int i = 0; i < N; i++) x[i] = x[i] > 0.5 ? rnd() : 0;
    for (int i = 0; i < N; i++) { s = 0.5 * s + rnd(); x[i] = x[i] + s; }
    for (int t = 0; t < 50; t++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < M; j++) { u[i][j] = 0.5 * u[i][j] + a[i * M + j]; a[i * M + j] *= 0.99; }
            x[i] = 0.5 * x[i] + y[i] + c[i] % 10;
            y[i] = sqrt(fabs(y[i] + x[i]));
            c[i] = c[i] / 2 + i;
        }
    }
    for (int i = 0; i < N; i++) {
        printf("%d %g %g %d", i, x[i], y[i], c[i]);
        for (int j = 0; j < M; j++) printf(" %g %g", u[i][j], a[i * M + j]);
        printf("\n");
    }
    printf("%lu %u %g\n", seed, state, s);
    return 0;
}
