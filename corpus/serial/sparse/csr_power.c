/* Page ranks: the power method with a matrix in compressed rows; y becomes the next x. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define PAGES 200
#define LINKS 6

int main(void)
{
    int *start = malloc((PAGES + 1) * sizeof(int));
    int *source = malloc(PAGES * LINKS * sizeof(int));
    double *rank = malloc(PAGES * sizeof(double));
    double *next = malloc(PAGES * sizeof(double));
    int *out = calloc(PAGES, sizeof(int));
    int i, k, count = 0, round;
    double change = 1.0;

    for (i = 0; i < PAGES; i++) {
        start[i] = count;
        for (k = 0; k < 1 + i % LINKS; k++)
            source[count++] = (i * 7 + k * k * 13) % PAGES;
        rank[i] = 1.0 / PAGES;
    }
    start[PAGES] = count;
    for (k = 0; k < count; k++)
        out[source[k]]++;

    for (round = 0; round < 60 && change > 1e-9; round++) {
        for (i = 0; i < PAGES; i++) {
            double sum = 0.0;
            for (k = start[i]; k < start[i + 1]; k++)
                sum += rank[source[k]] / out[source[k]];
            next[i] = 0.15 / PAGES + 0.85 * sum;
        }
        change = 0.0;
        for (i = 0; i < PAGES; i++)
            change += fabs(next[i] - rank[i]);
        for (i = 0; i < PAGES; i++)
            rank[i] = next[i];
    }

    double total = 0.0, most = 0.0;
    for (i = 0; i < PAGES; i++) {
        total += rank[i];
        if (rank[i] > most)
            most = rank[i];
    }
    printf("%d rounds, total %.10e most %.10e\n", round, total, most);
    free(start);
    free(source);
    free(rank);
    free(next);
    free(out);
    return 0;
}
