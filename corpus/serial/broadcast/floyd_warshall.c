/* Shortest paths between all towns (Floyd, Warshall): in each round all rows need row k. */
#include <stdio.h>

#define TOWNS 48
#define FAR 1000000

static int way[TOWNS][TOWNS];

int main(void)
{
    int i, j, k, longest = 0, apart = 0;
    long total = 0;

    for (i = 0; i < TOWNS; i++)
        for (j = 0; j < TOWNS; j++)
            way[i][j] = i == j ? 0 : (i * 13 + j * 7) % 5 == 0 ? 1 + (i + 2 * j) % 17 : FAR;

    for (k = 0; k < TOWNS; k++)
        for (i = 0; i < TOWNS; i++)
            for (j = 0; j < TOWNS; j++)
                if (way[i][k] + way[k][j] < way[i][j])
                    way[i][j] = way[i][k] + way[k][j];

    for (i = 0; i < TOWNS; i++)
        for (j = 0; j < TOWNS; j++) {
            if (way[i][j] >= FAR) {
                apart++;
            } else {
                total += way[i][j];
                if (way[i][j] > longest)
                    longest = way[i][j];
            }
        }
    printf("total %ld longest %d apart %d\n", total, longest, apart);
    return 0;
}
