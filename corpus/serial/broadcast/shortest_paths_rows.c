/* Shortest paths between all pairs of towns by Floyd and Warshall, in a helper function, on rows allocated one by one. */
#include <stdio.h>
#include <stdlib.h>

#define FAR 1000000

static int min(int a, int b)
{
    return a < b ? a : b;
}

static void shortest(int **d, int towns)
{
    for (int k = 0; k < towns; k++)
        for (int i = 0; i < towns; i++)
            for (int j = 0; j < towns; j++)
                d[i][j] = min(d[i][j], d[i][k] + d[k][j]);
}

int main(void)
{
    int n = 40;
    int **d = malloc(n * sizeof(int *));
    for (int i = 0; i < n; i++)
        d[i] = malloc(n * sizeof(int));

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            d[i][j] = i == j ? 0 : (i * 7 + j * 13) % 11 == 0 ? 1 + (i + j) % 9 : FAR;

    shortest(d, n);

    long total = 0;
    int longest = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (d[i][j] < FAR) {
                total += d[i][j];
                if (d[i][j] > longest)
                    longest = d[i][j];
            }
    printf("total %ld longest %d\n", total, longest);
    for (int i = 0; i < n; i++)
        free(d[i]);
    free(d);
    return 0;
}
