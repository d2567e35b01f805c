/* memory per rank: 600 */
#include <stdio.h>
#include <math.h>
#define N 50
double x[N], y[N], m[N], vx[N], vy[N];
int main(void) {
    for (int i = 0; i < N; i++) { x[i] = cos(i); y[i] = sin(2.0 * i); m[i] = 1 + i % 3; }
    for (int step = 0; step < 3; step++) {
        double energy = 0.0;
        for (int i = 0; i < N; i++) {
            double fx = 0, fy = 0;
            const double xi = x[i], yi = y[i];
            for (int j = 0; j < N; j++) {
                double dx = x[j] - xi, dy = y[j] - yi;
                double r = dx * dx + dy * dy + 0.01;
                fx += m[j] * dx / r;
                fy += m[j] * dy / r;
                energy += m[j] / r;
            }
            vx[i] += 0.01 * fx;
            vy[i] += 0.01 * fy;
        }
        for (int i = 0; i < N; i++) { x[i] += vx[i]; y[i] += vy[i]; }
        printf("%.10e\n", energy);
    }
    printf("%.12e %.12e\n", x[3], y[N - 1]);
}
