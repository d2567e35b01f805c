/* Two products as sums of outer products: the summation index outermost (k i j and k j i). Accumulates in
   float, as on many accelerators. */
#include <stdio.h>
#include <stdlib.h>

#define IDX(i, j, ld) ((i) * (ld) + (j))

int main(void)
{
    const int N = 36;
    const int DEPTH = 28;
    float *a = malloc(N * DEPTH * sizeof(float));
    float *b = malloc(DEPTH * N * sizeof(float));
    float *c = calloc(N * N, sizeof(float));
    float *e = calloc(N * N, sizeof(float));
    int i, j, k;

    for (i = 0; i < N; i++)
        for (k = 0; k < DEPTH; k++)
            a[IDX(i, k, DEPTH)] = 0.1f * (1 + (i + 3 * k) % 8);
    for (k = 0; k < DEPTH; k++)
        for (j = 0; j < N; j++)
            b[IDX(k, j, N)] = 0.2f * (1 + (2 * k + j) % 6);

    for (k = 0; k < DEPTH; k++)
        for (i = 0; i < N; i++)
            for (j = 0; j < N; j++)
                c[IDX(i, j, N)] += a[IDX(i, k, DEPTH)] * b[IDX(k, j, N)];

    for (k = 0; k < DEPTH; k++)
        for (j = 0; j < N; j++)
            for (i = 0; i < N; i++)
                e[IDX(i, j, N)] += 0.5f * a[IDX(i, k, DEPTH)] * b[IDX(k, j, N)];

    double check = 0.0;
    float most = 0.0f;
    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            check += (c[IDX(i, j, N)] + e[IDX(i, j, N)]) * (1 + i % 4 + j % 3);
            if (c[IDX(i, j, N)] > most)
                most = c[IDX(i, j, N)];
        }
    printf("check %.14g most %.9g\n", check, most);

    free(a);
    free(b);
    free(c);
    free(e);
    return 0;
}
