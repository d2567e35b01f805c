/* Samples of a tabulated function by linear interpolation. The table goes to a function, so every rank keeps
   all of it; the samples are many and are dealt out. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define POINTS 33
#define SAMPLES 500

/* table: POINTS values at x = 0, 1, ... */
static double interpolate(const double *table, double x)
{
    int k = (int)x;
    if (k < 0)
        k = 0;
    if (k > POINTS - 2)
        k = POINTS - 2;
    double w = x - k;
    return (1.0 - w) * table[k] + w * table[k + 1];
}

int main(void)
{
    double table[POINTS];
    double *at = malloc(SAMPLES * sizeof *at);
    double *value = malloc(SAMPLES * sizeof *value);

    for (int k = 0; k < POINTS; k++)
        table[k] = 2.0 + sin(0.3 * k);

    for (int s = 0; s < SAMPLES; s++)
        at[s] = (POINTS - 1) * fabs(sin(1.7 * s + 0.2));

    for (int s = 0; s < SAMPLES; s++) {
        double v = interpolate(table, at[s]);
        value[s] = v * v;
    }

    double sum = 0.0, largest = 0.0;
    for (int s = 0; s < SAMPLES; s++) {
        sum += value[s] * (1 + s % 8);
        if (value[s] > largest)
            largest = value[s];
    }
    printf("sum %.14e largest %.16e\n", sum, largest);

    free(at);
    free(value);
    return 0;
}
