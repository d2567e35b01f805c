/* Shortest paths in a helper function whose names main has for other things. */
#include <stdio.h>
#define N 11
static int way[N][N];
static void shortest(int k)
{
    for (int i = 0; i < N; i++) {
        int first = way[i][k];
        for (int j = 0; j < N; j++)
            if (first + way[k][j] < way[i][j])
                way[i][j] = first + way[k][j];
    }
}
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            way[i][j] = i == j ? 0 : 1 + (i * 7 + j * 13) % 29;
    for (int k = 0; k < N; k++)
        shortest(k);
    long total = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            total += way[i][j] * (i + 2 * j);
    printf("%ld\n", total);
    return 0;
}
