/* Arrays whose initialisers clear them: each rank clears what it holds. */
#include <stdio.h>
#include <math.h>
#define N 60
int main(void)
{
    double u[N] = {0}, v[N] = {0.0}, d[N];
    u[N / 2] = 1.0;
    for (int t = 0; t < 20; t++) {
        for (int i = 1; i < N - 1; i++)
            v[i] = 0.25 * u[i - 1] + 0.5 * u[i] + 0.25 * u[i + 1];
        for (int i = 1; i < N - 1; i++)
            u[i] = v[i];
    }
    for (int i = 0; i < N; i++) d[i] = exp(-u[i]);
    for (int i = 0; i + 1 < N; i++)
        printf("%g %g\n", u[i], u[i + 1]);
    for (int i = N - 1; i >= 0; i--)
        printf("%g ", d[i]);
    printf("\n");
    for (int i = 1; i < N; i++)
        if (u[i] > u[i - 1])
            printf("rise at %d: %g\n", i, u[i] - u[i - 1]);
    return 0;
}
