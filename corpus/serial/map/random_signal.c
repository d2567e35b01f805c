/* A noisy signal from rand(), smoothed point by point in time; clock() tells how long it took. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHANNELS 200
#define FRAMES 40

static double signal[CHANNELS], smooth[CHANNELS];

int main(void)
{
    clock_t begin;
    double sum = 0.0;
    int i, t;

    srand(11);
    for (i = 0; i < CHANNELS; i++) {
        signal[i] = rand() / (double)RAND_MAX;
        smooth[i] = 0.0;
    }

    begin = clock();
    for (t = 0; t < FRAMES; t++)
        for (i = 0; i < CHANNELS; i++)
            smooth[i] += 0.1 * (signal[i] * (t + 1) - smooth[i]);
    fprintf(stderr, "%f s\n", (double)(clock() - begin) / CLOCKS_PER_SEC);

    for (i = 0; i < CHANNELS; i++)
        sum += smooth[i];
    printf("sum %.11e\n", sum);
    return 0;
}
