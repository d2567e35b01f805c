/* SpMV with compressed columns (CSC), again and again: each column is added to the rows that it has elements in. */
#include <stdio.h>

#define N 240
#define EACH 16

static int start[N + 1], row[N * EACH];
static double value[N * EACH], x[N], y[N];

int main(void)
{
    int j, k, step;

    for (j = 0; j <= N; j++)
        start[j] = j * EACH;
    for (j = 0; j < N; j++) {
        x[j] = 1.0 / (1.0 + j % 10);
        for (k = 0; k < EACH; k++) {
            row[j * EACH + k] = (j + 17 * k * k) % N;
            value[j * EACH + k] = 1.0 / (1.0 + k) + 0.125 * (j % 3);
        }
    }

    for (step = 0; step < 12; step++) {
        for (j = 0; j < N; j++)
            y[j] = 0.0;
        for (j = 0; j < N; j++)
            for (k = start[j]; k < start[j + 1]; k++)
                y[row[k]] += value[k] * x[j];
        for (j = 0; j < N; j++)
            x[j] = 0.2 * y[j];
    }

    double check = 0.0;
    for (j = 0; j < N; j++)
        check += y[j] * (1 + j % 4);
    printf("check %.12e\n", check);
    printf("first %.12e last %.12e\n", y[0], y[N - 1]);
    return 0;
}
