/* One-dimensional shallow water, Lax-Friedrichs; the time step follows the fastest wave, so that each step
   needs a maximum over the whole channel. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define CELLS 256

static double flux(double h, double q)
{
    return q * q / h + 0.5 * 9.81 * h * h;
}

int main(void)
{
    double *h = malloc(CELLS * sizeof(double));
    double *q = malloc(CELLS * sizeof(double));
    double *hn = malloc(CELLS * sizeof(double));
    double *qn = malloc(CELLS * sizeof(double));
    const double dx = 10.0 / CELLS;
    double time = 0.0;
    int step = 0;
    int i;

    for (i = 0; i < CELLS; i++) {
        h[i] = i < CELLS / 2 ? 2.0 : 1.0;      /* dam break */
        q[i] = 0.0;
    }

    while (time < 0.4 && step < 60) {
        double fastest = 0.0;
        for (i = 0; i < CELLS; i++) {
            double speed = fabs(q[i] / h[i]) + sqrt(9.81 * h[i]);
            if (speed > fastest)
                fastest = speed;
        }
        double dt = 0.4 * dx / fastest;

        for (i = 0; i < CELLS; i++) {
            int l = i > 0 ? i - 1 : i;
            int r = i < CELLS - 1 ? i + 1 : i;
            hn[i] = 0.5 * (h[l] + h[r]) - 0.5 * dt / dx * (q[r] - q[l]);
            qn[i] = 0.5 * (q[l] + q[r]) - 0.5 * dt / dx * (flux(h[r], q[r]) - flux(h[l], q[l]));
        }
        for (i = 0; i < CELLS; i++) {
            h[i] = hn[i];
            q[i] = qn[i];
        }
        time += dt;
        step++;
    }

    double volume = 0.0, highest = 0.0;
    for (i = 0; i < CELLS; i++) {
        volume += h[i] * (1.0 + i % 3);
        highest = fmax(highest, h[i]);
    }
    printf("%d steps to t = %.16e\n", step, time);
    printf("volume %.14e highest %.17g\n", volume, highest);
    printf("at the dam h = %.17g\n", h[CELLS / 2]);
    free(h);
    free(q);
    free(hn);
    free(qn);
    return 0;
}
