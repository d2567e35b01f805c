/* Flags that iterations set, counters, and sums and extrema of types that wrap or hold truth values. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#ifndef N
#define N 103
#endif

static int x[N];
static unsigned u[N];

int main(void) {
    int found = 0, sorted = 1, all = 1, some = 0, state = 2, quiet = 1, bits = 0, mask = 255, odd = 0, count = 0, none = 0;
    bool any = false, every = true;
    unsigned sum = 7, least = UINT_MAX, most = 0;
    unsigned long long product = 3;
    long long wide = -5;
    static int ever;
    for (int i = 0; i < N; i++) {
        x[i] = (i * 37) % 101;
        u[i] = 4000000000u + (unsigned)i * 977u;
    }
    for (int i = 0; i < N; i++) {
        if (x[i] == 64)
            found = 1;
        if (i > 0 && x[i] < x[i - 1])
            sorted = 0;
        all = all && x[i] < 101;
        some = x[i] > 99 || some;
        if (!none && x[i] > 101)
            none = 1;
        if (state && x[i] == 50)
            state = 0;
        quiet &= x[i] < 90;
        bits |= 1 << x[i] % 13;
        mask &= ~(x[i] & 4);
        odd ^= x[i];
        count += x[i] > 50;
        any |= x[i] & 4;
        every = every && x[i] >= 0;
        sum += u[i];
        if (u[i] < least)
            least = u[i];
        most = u[i] > most ? u[i] : most;
        product *= 2 * u[i] + 1;
        wide -= (long long)u[i] * x[i];
        if (x[i] == 3)
            ever = 1;
    }
    printf("%d %d %d %d %d %d %d %d %d %d %d\n", found, sorted, all, some, none, state, quiet, bits, mask, odd, count);
    int lowest, highest;
    lowest = highest = x[N / 2];
    for (int i = 0; i < N; i++)
        if (x[i] > highest)
            highest = x[i];
        else if (x[i] < lowest)
            lowest = x[i];
    printf("%d %d\n", lowest, highest);
    printf("%d %d %u %u %u %llu %lld %d\n", any, every, sum, least, most, product, wide, ever);
    return 0;
}
