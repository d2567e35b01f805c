/* Shortest paths with negative edges and negative cycles: iteration k changes row k itself. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 13;
    double *d = malloc((size_t)n * n * sizeof *d);
    int *via = malloc((size_t)n * n * sizeof *via);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            d[i * n + j] = ((i * 31 + j * 17) % 23) - 3.0;
            via[i * n + j] = -1;
        }
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < n; i++) {
            double first = d[i * n + k];
            for (int j = 0; j < n; j++) {
                double new = first + d[k * n + j];
                if (new < d[i * n + j]) {
                    d[i * n + j] = new;
                    via[i * n + j] = via[k * n + j] >= 0 ? via[k * n + j] : k;
                }
            }
        }
    }
    double total = 0.0;
    int paths = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            total += d[i * n + j] / (1 + i + 2 * j);
            paths += via[i * n + j] * (1 + (i + j) % 3);
        }
    printf("%.6e %d\n", total, paths);
    free(d);
    free(via);
    return 0;
}
