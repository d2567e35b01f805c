/* Running sums, products and extrema, kept in arrays: from the element before, by a variable, inclusive or not. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef N
#define N 89
#endif

static double x[N], s[N], t[N], high[N], low[N], product[N], inside[N];
static unsigned larger[N];
static int count[N], first[N + 1], number[N], old[N], peak[N];

int main(void) {
    double run = 0.5, part = 2, top = -3;
    double sums[8] = {0};
    long totals[6] = {0};
    int found = 4, place = 10, from = N > 5 ? 5 : 1;
    for (int i = 0; i < N; i++) {
        x[i] = sin(1.0 + 0.37 * i);
        inside[i] = x[i];
        count[i] = (i * 7) % 5;
        s[i] = t[i] = 0.25;
        old[i] = peak[i] = (i * 11) % 17;
        high[i] = low[i] = product[i] = 1.0 / (1 + i);
    }
    for (int i = 1; i < N; i++)
        s[i] = (s[i - 1] + x[i]);
    for (int i = 0; i < N; i++)
        first[i + 1] = first[i] + count[i];
    for (int i = 1; i < N; i++)
        old[i] += old[i - 1];
    for (int i = from; i < N; i++)                 /* from the middle on */
        inside[i] = inside[i] + inside[i - 1];
    for (int i = 1; i < N; i++)
        high[i] = fmax(high[i - 1], x[i]);
    for (int i = 1; i < N; i++)
        low[i] = x[i] < low[i - 1] ? x[i] : low[i - 1];
    for (int i = 1; i < N; i++)
        product[i] = (product[i - 1]) * (1 + 0.01 * x[i]);
    for (int i = 1; i < N; i++)
        peak[i] = peak[i - 1] > peak[i] ? peak[i - 1] : peak[i];
    for (int i = 0; i < N; i++) {
        run += x[i];
        t[i] = run;
    }
    for (int i = 0; i < N; i++) {
        number[i] = found;
        if (x[i] > 0)
            found++;
    }
    unsigned last = N - 1, so_far = 0;
    for (unsigned i = 0; i <= last; i++) {          /* up to a last value, and never negative */
        if (count[i] > 2)
            so_far++;
        larger[i] = so_far;
    }
    printf("%.10g %d\n", run, found);
    for (int i = 0; i < N; i++) {
        sums[0] += (i + 1) * high[i];
        sums[1] += (i + 1) * low[i];
    }
    for (int i = 0; i < N; i++) {
        if (x[i] > top)
            top = x[i];
        part -= 0.5 * x[i];
        s[i] += i;
        low[i] = top;
        high[i] = part;
    }
    for (int i = 0; i < N; i++)
        count[i] = place++;
    for (int i = 0; i < N; i++) {
        sums[2] += (i + 1) * s[i];
        sums[3] += (i + 1) * t[i];
        sums[4] += (i + 1) * high[i];
        sums[5] += (i + 1) * low[i];
        sums[6] += (i + 1) * product[i];
        sums[7] += (i + 1) * inside[i];
        totals[0] += (i + 1) * count[i];
        totals[1] += (i + 1) * first[i];
        totals[2] += (i + 1) * number[i];
        totals[3] += (i + 1) * old[i];
        totals[4] += (i + 1) * peak[i];
        totals[5] += (i + 1) * (int)larger[i];
    }
    for (int k = 0; k < 8; k++)
        printf("%.10g\n", sums[k]);
    for (int k = 0; k < 6; k++)
        printf("%ld\n", totals[k]);
    printf("%d %d %g\n", place, first[N], s[N - 1]);
    return 0;
}
