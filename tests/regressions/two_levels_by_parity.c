/* Two levels of a rod that take turns, by the parity of the step. */
#include <stdio.h>
#define N 41
#define STEPS 12

static double rod[2][N];

int main(void)
{
    for (int i = 0; i < N; i++)
        rod[0][i] = i % 9;
    for (int t = 0; t < STEPS; t++) {
        int now = t % 2, next = 1 - now;
        for (int i = 1; i < N; i++)
            rod[next][i] = 0.5 * (rod[now][i] + rod[now][i - 1]);
        rod[next][0] = rod[now][0];
    }
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += rod[STEPS & 1][i] * i;
    printf("%.8f\n", sum);
    return 0;
}
