#include <stdio.h>
#define N 203
static const double w[] = { 0.1, 0.2, 0.4, 0.2, 0.1 };
static double x[N], y[N];
int main(void) {
    double s = 0;
    int odd[] = { 1, 0, 1, 0, 1, 1, 0 }, seen[] = { 0, 0, 0 };
    for (int i = 0; i < N; i++) x[i] = (i * 37) % 11;
    for (int i = 2; i < N - 2; i++) {
        double t = 0;
        for (int k = 0; k < (int)(sizeof w / sizeof w[0]); k++) t += w[k] * x[i + k - 2];
        y[i] = t * odd[i % 7];
    }
    for (int i = 0; i < N; i++) { s += y[i]; seen[i % 3] += (int)x[i]; }
    printf("%.9f %d %d %d\n", s, seen[0], seen[1], seen[2]);
    return 0;
}
