/* Mean and variance of each feature of a table of samples: sums over the rows, one for each column. */
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 400
#define FEATURES 8

int main(void)
{
    double (*table)[FEATURES] = malloc(SAMPLES * sizeof *table);
    double sum[FEATURES], square[FEATURES];

    for (int f = 0; f < FEATURES; f++) {
        sum[f] = 0.0;
        square[f] = 0.0;
    }
    for (int s = 0; s < SAMPLES; s++)
        for (int f = 0; f < FEATURES; f++)
            table[s][f] = (s * (f + 3) % 97) / 97.0 + f;

    for (int s = 0; s < SAMPLES; s++)
        for (int f = 0; f < FEATURES; f++) {
            sum[f] += table[s][f];
            square[f] += table[s][f] * table[s][f];
        }

    for (int f = 0; f < FEATURES; f++) {
        double mean = sum[f] / SAMPLES;
        printf("feature %d mean %.9e second moment %.9e\n", f, mean, square[f] / SAMPLES);
    }
    free(table);
    return 0;
}
