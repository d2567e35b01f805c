/* A generator with a state fills a table, one number after the other; what is made of the table is divided. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define COUNT 800

static double uniform[COUNT], normal[COUNT];

int main(void)
{
    unsigned state = 20240229u;
    double mean = 0.0, square = 0.0, extreme = 0.0;
    int i;

    for (i = 0; i < COUNT; i++) {
        state = state * 1664525u + 1013904223u;
        uniform[i] = (state + 0.5) / 4294967296.0;
    }

    for (i = 0; i < COUNT; i++)
        normal[i] = sqrt(-2.0 * log(uniform[i])) * cos(6.283185307179586 * uniform[COUNT - 1 - i]);

    for (i = 0; i < COUNT; i++) {
        mean += normal[i];
        square += normal[i] * normal[i];
        extreme = fmax(extreme, fabs(normal[i]));
    }
    printf("mean %.9e\n", mean / COUNT);
    printf("mean square %.9e extreme %.12e\n", square / COUNT, extreme);
    return 0;
}
