/* SpMV with coordinates (COO), again and again: a graph's edges, each of them used in both directions. */
#include <stdio.h>
#include <stdlib.h>

#define NODES 200
#define DEGREE 8

int main(void)
{
    int *from = malloc(NODES * DEGREE * sizeof(int)), *to = malloc(NODES * DEGREE * sizeof(int));
    double *weight = malloc(NODES * DEGREE * sizeof(double));
    double *x = malloc(NODES * sizeof(double)), *y = malloc(NODES * sizeof(double));
    int i, k, e, step, edges = 0;

    for (i = 0; i < NODES; i++)
        for (k = 0; k < DEGREE; k++) {
            int other = (i + 1 + 7 * k * k) % NODES;
            if (other == i)
                continue;
            from[edges] = i;
            to[edges] = other;
            weight[edges] = 1.0 / (1 + (i + k) % 5);
            edges++;
        }
    for (i = 0; i < NODES; i++)
        x[i] = 1.0 + i % 5;

    for (step = 0; step < 20; step++) {
        for (i = 0; i < NODES; i++)
            y[i] = 0.0;
        for (e = 0; e < edges; e++) {
            y[from[e]] += weight[e] * x[to[e]];
            y[to[e]] += weight[e] * x[from[e]];
        }
        for (i = 0; i < NODES; i++)
            x[i] = 0.1 * y[i];
    }

    double check = 0.0;
    for (i = 0; i < NODES; i++)
        check += x[i] * (1 + i % 7);
    printf("%d edges, check %.8e\n", edges, check);
    free(from);
    free(to);
    free(weight);
    free(x);
    free(y);
    return 0;
}
