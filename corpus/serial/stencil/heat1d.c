/* Heat in a rod, explicit Euler; static arrays, copied back after each step. */
#include <stdio.h>

#define N 200
#define STEPS 100

static double u[N], unew[N];

int main(void)
{
    int i, t;
    double r = 0.25, total;

    for (i = 0; i < N; i++)
        u[i] = (i >= N / 4 && i < N / 2) ? 100.0 : 20.0;
    u[0] = 0.0;
    u[N - 1] = 50.0;
    for (i = 0; i < N; i++)
        unew[i] = u[i];

    for (t = 0; t < STEPS; t++) {
        for (i = 1; i < N - 1; i++)
            unew[i] = u[i] + r * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
        for (i = 1; i < N - 1; i++)
            u[i] = unew[i];
    }

    total = 0.0;
    for (i = 0; i < N; i++)
        total += u[i] * (1 + i % 7);
    printf("heat %.14e\n", total);
    printf("middle %.17g\n", u[N / 2]);
    return 0;
}
