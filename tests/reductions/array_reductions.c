/* Arrays that all iterations of a loop add to: data-dependent subscripts, old contents, several operations. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef N
#define N 101
#endif
#define BINS 7

static double a[N][N], x[N];
static int key[N];

int main(void) {
    int count[BINS], start[BINS + 1], place[N];
    unsigned char small[BINS] = {250, 3};
    double highest[BINS], lowest[BINS], factor[2][3], total[1] = {0.5};
    double *y = malloc(N * sizeof *y), *z = malloc(N * sizeof *z);
    float (*pair)[2] = malloc(BINS * sizeof *pair);

    for (int i = 0; i < N; i++) {
        key[i] = (i * i + 3 * i) % BINS;
        x[i] = sin(0.1 * i);
        for (int j = 0; j < N; j++)
            a[i][j] = 1.0 / (1 + i + j);
    }
    for (int i = 0; i < N; i++)
        y[i] = z[i] = 0.25 * i;
    for (int b = 0; b < BINS; b++) {
        count[b] = 10 * b;
        highest[b] = -0.5;
        lowest[b] = 0.5;
        pair[b][0] = pair[b][1] = 1;
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            factor[i][j] = 2 + i + j;

    for (int i = 0; i < N; i++) {
        const int k = key[i];
        count[k]++;
        small[k] += 3;
        if (x[i] > highest[k])
            highest[k] = x[i];
        lowest[k] = x[i] < lowest[k] ? x[i] : lowest[k];
        factor[k % 2][k % 3] *= 1 + 0.01 * x[i];
        pair[k][i % 2] -= 0.5f;
    }
    for (int i = 0; i < N; i++)               /* a symmetric matrix of which the lower triangle is used */
        for (int j = 0; j <= i; j++) {
            y[i] += a[i][j] * x[j];
            if (j < i)
                y[j] += a[i][j] * x[i];
        }
    for (int i = 0; i < N; i++)               /* column sums, and all of them */
        for (int j = 0; j < N; j++) {
            z[j] += a[i][j];
            total[0] += a[i][j] * a[i][j];
        }

    start[0] = 0;                             /* counting sort: here the order matters */
    for (int b = 0; b < BINS; b++)
        start[b + 1] = start[b] + count[b] - 10 * b;
    for (int i = 0; i < N; i++)
        place[start[key[i]]++] = i;

    for (int b = 0; b < BINS; b++)
        printf("%d %d %.10g %.10g %.6g %.6g\n", count[b], small[b], highest[b], lowest[b], pair[b][0], pair[b][1]);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            printf("%.10g ", factor[i][j]);
    printf("\n");
    for (int i = 0; i < N; i++)
        printf("%.10g %.10g %d\n", y[i], z[i], place[i]);
    printf("%.10g\n", total[0]);
    free(y);
    free(z);
    free(pair);
    return 0;
}
