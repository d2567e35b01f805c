/* The wave equation with a fourth-order Laplacian: two cells to either side, weights in a small array.
   Three fields: the new one is computed in place of the oldest. */
#include <stdio.h>
#include <math.h>

#define N 240
#define STEPS 80

static double past[N], now[N];

int main(void)
{
    static const double c[5] = { -1.0 / 12, 4.0 / 3, -5.0 / 2, 4.0 / 3, -1.0 / 12 };
    const double s = 0.2;
    double lap[N];
    int i, k, t;

    for (i = 0; i < N; i++) {
        double x = (i - N / 3) / 12.0;
        now[i] = 1.5 + exp(-x * x);
        past[i] = now[i];
    }

    for (t = 0; t < STEPS; t++) {
        for (i = 2; i < N - 2; i++) {
            lap[i] = 0.0;
            for (k = -2; k <= 2; k++)
                lap[i] += c[k + 2] * now[i + k];
        }
        for (i = 2; i < N - 2; i++) {
            double next = 2.0 * now[i] - past[i] + s * lap[i];
            past[i] = now[i];
            now[i] = next;
        }
    }

    double sum = 0.0, top = now[0];
    for (i = 0; i < N; i++) {
        sum += now[i] * (1.0 + i % 5);
        top = now[i] > top ? now[i] : top;
    }
    printf("sum %.13e top %.16e\n", sum, top);
    return 0;
}
