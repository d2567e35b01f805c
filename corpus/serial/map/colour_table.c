/* A table of colours from a few base points: loops that count with while, tables that start from written values. */
#include <stdio.h>
#include <string.h>
#include <math.h>

#define SHADES 600
#define POINTS 4

static const double base[POINTS][3] = { { 0.0, 0.0, 0.5 }, { 0.0, 1.0, 1.0 }, { 1.0, 1.0, 0.0 }, { 0.5, 0.0, 0.0 } };
static double table[SHADES][3];
static int level[SHADES];

int main(void)
{
    double sum[3] = { 0.0, 0.0, 0.0 };
    int s, c;
    long levels = 0;

    memset(level, 0, sizeof level);

    s = 0;
    while (s < SHADES) {
        double place = (POINTS - 1) * (double)s / SHADES;
        int left = (int)place;
        for (c = 0; c < 3; c++)
            table[s][c] = base[left][c] + (place - left) * (base[left + 1][c] - base[left][c]);
        s++;
    }

    s = SHADES;
    while (s-- > 0)
        level[s] = (int)floor(255.0 * (0.3 * table[s][0] + 0.6 * table[s][1] + 0.1 * table[s][2]) + 0.5);

    for (s = 0; s < SHADES; s++) {
        for (c = 0; c < 3; c++)
            sum[c] += table[s][c];
        levels += level[s];
    }
    printf("red %.10e green %.10e blue %.10e\n", sum[0], sum[1], sum[2]);
    printf("levels %ld\n", levels);
    return 0;
}
