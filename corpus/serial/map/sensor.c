/* Turns raw sensor counts into temperatures, marks the ones out of range. */
#include <stdio.h>
#include <math.h>

#define SAMPLES 400
#define T_MIN (-20.0)
#define T_MAX 85.0

/* thermistor: Steinhart-Hart equation, resistance in ohm, result in degrees Celsius */
static double celsius(double ohm)
{
    double l = log(ohm);
    return 1.0 / (1.129e-3 + 2.341e-4 * l + 8.775e-8 * l * l * l) - 273.15;
}

int main(void)
{
    int raw[SAMPLES];
    double t[SAMPLES];
    int flag[SAMPLES];
    int i;

    for (i = 0; i < SAMPLES; i++)
        raw[i] = 40 + (i * 37) % 950;

    for (i = 0; i < SAMPLES; i++) {
        double v = raw[i] / 1023.0;
        double ohm = 10000.0 * v / (1.0 - v);
        t[i] = celsius(ohm);
        if (t[i] < T_MIN) {
            t[i] = T_MIN;
            flag[i] = -1;
        } else if (t[i] > T_MAX) {
            t[i] = T_MAX;
            flag[i] = 1;
        } else {
            flag[i] = 0;
        }
    }

    long below = 0, above = 0, where = 0;
    for (i = 0; i < SAMPLES; i++) {
        if (flag[i] < 0)
            below++;
        if (flag[i] > 0) {
            above++;
            where += i;
        }
    }

    printf("%ld below, %ld above (places add up to %ld)\n", below, above, where);
    printf("first %.17g\n", t[0]);
    printf("last  %.17g\n", t[SAMPLES - 1]);
    return 0;
}
