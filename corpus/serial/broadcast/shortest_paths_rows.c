#include <stdio.h>
#include <stdlib.h>
#define INF 1000000
static int min(int a, int b) { return a < b ? a : b; }
static void shortest(int **d, int n)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                d[i][j] = min(d[i][j], d[i][k] + d[k][j]);
}
int main(void)
{
    int n = 60;
    int **d = malloc(n * sizeof(int *));
    for (int i = 0; i < n; i++)
        d[i] = malloc(n * sizeof(int));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            d[i][j] = i == j ? 0 : (i * 7 + j * 13) % 11 == 0 ? 1 + (i + j) % 9 : INF;
    shortest(d, n);
    long total = 0;
    int far = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (d[i][j] < INF) {
                total += d[i][j];
                if (d[i][j] > far)
                    far = d[i][j];
            }
    printf("%ld %d\n", total, far);
    for (int i = 0; i < n; i++)
        free(d[i]);
    free(d);
    return 0;
}
