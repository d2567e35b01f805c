/* The largest and the smallest of a table, written in every way that people write it.
   Nothing here rounds: the result must be the same to the last bit. */
#include <stdio.h>
#include <math.h>
#include <float.h>
#include <limits.h>

#define N 512
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

static double v[N];
static float w[N];
static int k[N];

int main(void)
{
    int i;
    double a, b, c, d, e;
    float f, g;
    int top, bottom;

    for (i = 0; i < N; i++) {
        v[i] = cos(0.37 * i) * (1.0 + 0.01 * i);
        w[i] = (float)v[i] - 0.5f;
        k[i] = (i * 7919) % 1009 - 500;
    }

    a = v[0];
    for (i = 1; i < N; i++)
        if (v[i] > a)
            a = v[i];

    b = -DBL_MAX;
    for (i = 0; i < N; i++)
        b = fmax(b, fabs(v[i]));

    c = v[0];
    for (i = 0; i < N; i++)
        c = v[i] < c ? v[i] : c;

    d = 0.0;
    e = DBL_MAX;
    for (i = 0; i < N; i++) {
        d = MAX(d, v[i] * v[i]);
        e = MIN(v[i] + 2.0, e);
    }

    f = -FLT_MAX;
    g = FLT_MAX;
    for (i = 0; i < N; i++) {
        f = fmaxf(f, w[i]);
        if (g > w[i]) { g = w[i]; }
    }

    top = INT_MIN;
    bottom = INT_MAX;
    for (i = 0; i < N; i++) {
        top = top < k[i] ? k[i] : top;
        bottom = MIN(bottom, k[i]);
    }

    printf("%.17g %.17g %.17g %.17g %.17g\n", a, b, c, d, e);
    printf("%.9g %.9g\n%d %d\n", f, g, top, bottom);
    return 0;
}
