#include <stdio.h>

#define N 11

static double c[N], y[N], w[N + 1];

/* c, y and w are divided alike, w has one element more; all of c and y is read by every rank. */
int main(void)
{
    for (int i = 0; i < N; i++) {
        c[i] = 1.0 + (2 * i + 4) % 9;
        y[i] = 0.25 * (6 * i);
    }
    for (int i = 0; i < N + 1; i++)
        w[i] = 1.0 + (4 * i + 1) % 16;
    for (int t = 0; t < 4; t++) {
        for (int i = 1; i < N - 1; i++)
            y[i] = 0.5 * c[i - 1] - c[i] + w[i + 1];
        for (int i = 0; i < N; i++)
            c[i] = y[i];
    }
    for (int i = 0; i < N + 1; i++) {
        double s = 0;
        for (int k = 0; k < N; k++)
            s += 0.5 * (c[k] + y[k]);
        w[i] = s;
    }
    for (int i = 0; i < N + 1; i++)
        printf("%g ", w[i]);
    printf("\n");
    return 0;
}
