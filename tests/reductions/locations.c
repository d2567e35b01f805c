/* Extrema with their places: first and last of equals, forwards and backwards, companions, nests, old values kept. */
#include <math.h>
#include <stdio.h>

#ifndef N
#define N 97
#endif

static double x[N], a[N][5];
static int c[N];

int main(void) {
    double best = 0.0, last = 2.0, signed_best = 0.0, low = 1e9, top = 3.0, down = -1, floor_ = 3.0, never = 100.0;
    int where = -1, last_at = -1, down_at = -1, up_at = -1, bi = -1, bj = -1, top_at = -7, floor_at = -7, never_at = -9;
    int most = -100, most_at = -1, only = -100, only_at = -1;
    float f = -1;
    long g = 1000, g_at = -1;
    for (int i = 0; i < N; i++) {
        x[i] = (i * 7) % 10 - 6;          /* values come again and again: -6 ... 3 */
        c[i] = (i * 3) % 8;
        for (int j = 0; j < 5; j++)
            a[i][j] = (i + 2 * j) % 9 - 3;
    }
    for (int i = 0; i < N; i++) {
        if (fabs(x[i]) > best) {
            best = fabs(x[i]);
            where = i;
            signed_best = x[i];
        }
        if (last <= x[i]) {
            last_at = i;
            last = x[i];
        }
        if (x[i] > top) {                 /* the old value is as large: it stays */
            top = x[i];
            top_at = i;
        }
        if (x[i] >= floor_) {             /* the old value is as large: it goes */
            floor_ = x[i];
            floor_at = i;
        }
        if (x[i] >= never) {
            never = x[i];
            never_at = i;
        }
        if (c[i] > most) { most = c[i]; most_at = i; }
        if (i % 2 == 1 && c[i] > only)
            only = c[i], only_at = i;
        if (c[i] < g) { g = c[i]; g_at = i; }
    }
    for (int i = N - 1; i >= 0; i--)
        if (x[i] > down) {
            down = x[i];
            down_at = i;
        }
    for (int i = N - 1; i >= 0; i--)
        if ((float)x[i] >= f) {
            f = (float)x[i];
            up_at = i;
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < 5; j++)
            if (a[i][j] < low) {
                low = a[i][j];
                bi = i;
                bj = j;
            }
    printf("%g %d %g, %g %d, %g %d, %g %d\n", best, where, signed_best, last, last_at, down, down_at, f, up_at);
    printf("%g %d %d, %g %d, %g %d, %g %d\n", low, bi, bj, top, top_at, floor_, floor_at, never, never_at);
    printf("%d %d, %d %d, %ld %ld\n", most, most_at, only, only_at, g, g_at);
    return 0;
}
