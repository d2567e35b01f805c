/* A membrane that swings: three levels of time, the pointers handed round after each step. */
#include <stdio.h>
#include <stdlib.h>

#define N 48
#define AT(f, i, j) ((f)[(i) * N + (j)])

int main(void)
{
    double *old = calloc(N * N, sizeof(double));
    double *now = calloc(N * N, sizeof(double));
    double *new = calloc(N * N, sizeof(double));
    int i, j, step;

    for (i = 1; i < N - 1; i++)
        for (j = 1; j < N - 1; j++) {
            AT(now, i, j) = i * (N - 1.0 - i) * j * (N - 1.0 - j) / (N * N);
            AT(old, i, j) = AT(now, i, j);
        }

    for (step = 0; step < 25; step++) {
        for (i = 1; i < N - 1; i++)
            for (j = 1; j < N - 1; j++)
                AT(new, i, j) = 2.0 * AT(now, i, j) - AT(old, i, j)
                              + 0.25 * (AT(now, i - 1, j) + AT(now, i + 1, j) + AT(now, i, j - 1) + AT(now, i, j + 1)
                                        - 4.0 * AT(now, i, j));
        double *spare = old;
        old = now;
        now = new;
        new = spare;
    }

    double sum = 0.0, top = 0.0;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            sum += AT(now, i, j);
            if (AT(now, i, j) > top)
                top = AT(now, i, j);
        }
    printf("sum %.12e top %.12e middle %.12e\n", sum, top, AT(now, N / 2, N / 2));
    free(old);
    free(now);
    free(new);
    return 0;
}
