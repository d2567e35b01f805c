/* Complex arrays and sums, and assertions in loops. */
#include <assert.h>
#include <complex.h>
#include <stdio.h>
#include <stdlib.h>
#define N 1021

static double complex wave[N], next[N];
static double power[N];

int main(void)
{
    double complex sum = 0;
    double total = 0.0;
    for (int i = 0; i < N; i++) {
        wave[i] = cexp(I * 0.02 * i);
        next[i] = 0;
    }
    for (int t = 0; t < 40; t++) {
        for (int i = 1; i < N - 1; i++)
            next[i] = wave[i] + 0.01 * I * (wave[i - 1] - 2 * wave[i] + wave[i + 1]);
        for (int i = 1; i < N - 1; i++)
            wave[i] = next[i];
    }
    for (int i = 0; i < N; i++) {
        assert(cabs(wave[i]) >= 0.0);
        power[i] = creal(wave[i] * conj(wave[i]));
        sum += wave[i];
        total += power[i];
    }
    printf("%.8f %.8f %.8f\n", creal(sum), cimag(sum), total);
    return 0;
}
