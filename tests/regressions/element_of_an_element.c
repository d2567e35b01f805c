/* The place of an element that is read outside all loops is itself an element of an array. */
#include <stdio.h>

#define N 40

int to[N];
double x[N], y[N];

int main(void)
{
    double first, sum = 0.0;

    for (int i = 0; i < N; i++) {
        to[i] = (i * 7) % N;
        x[i] = 0.5 * i;
        y[i] = 2.0 * i;
    }
    first = x[to[3]];
    for (int i = 0; i < N; i++)
        sum += y[i] * x[i];
    printf("%g %g\n", first, sum);
    return 0;
}
