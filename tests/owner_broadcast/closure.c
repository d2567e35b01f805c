/* Warshall: whether there is a way from one vertex to another. */
#include <stdio.h>
#define V 23
static char reach[V][V];
int main(void) {
    for (int i = 0; i < V; i++) {
        reach[i][(i * 7 + 3) % V] = 1;
        if (i % 3 == 0)
            reach[i][(i * i) % V] = 1;
    }
    for (int k = 0; k < V; k++)
        for (int i = 0; i < V; i++)
            if (reach[i][k])
                for (int j = 0; j < V; j++)
                    if (reach[k][j])
                        reach[i][j] = 1;
    int count = 0;
    for (int i = 0; i < V; i++)
        for (int j = 0; j < V; j++)
            count += reach[i][j];
    printf("%d\n", count);
    return 0;
}
