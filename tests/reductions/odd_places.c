/* Reductions in odd places: arrays of inner blocks and of variable length, members, results in a chain of loops. */
#include <stdio.h>
#include <stdlib.h>

#ifndef N
#define N 75
#endif

struct tally {
    double sum;
    int count;
};

int main(int argc, char **argv) {
    const int n = N, m = argc + 3;                       /* m bins, known only when it runs */
    double x[N], bins[m], trace = 0;
    int key[N], seen[4];
    struct tally t = {1.5, 2};
    double *grid = malloc((size_t)m * 3 * sizeof *grid);
    _Bool hit[5] = {0};
    if (grid == NULL) {
        free(grid);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        key[i] = (i * 5 + i / 7) % m;
        x[i] = 1.0 / (1 + i % 11);
    }
    for (int k = 0; k < m; k++)
        bins[k] = 0;
    for (int k = 0; k < 3 * m; k++)
        grid[k] = 0.5;
    for (int i = 0; i < n; i++)
        bins[key[i]] += x[i];
    for (int i = n - 1; i >= 0; i--)                     /* on top of the first, downwards */
        bins[m - 1 - key[i]] -= 0.3 * x[i];
    for (int round = 0; round < 3; round++) {
        double parts[3] = {round, 0, 0}, worst = -1;
        int at = -1;
        for (int i = 0; i < n; i++) {
            parts[i % 3] += x[i] * round;
            if (x[i] * (i % 5) >= worst) {
                worst = x[i] * (i % 5);
                at = i;
            }
        }
        for (int i = round; i < n; i += 2)               /* in steps, a pair of subscripts */
            grid[key[i] * 3 + i % 3] += parts[round];
        trace += parts[0] + 10 * parts[1] + 100 * parts[2] + at + worst;
        if (round == 1)
            for (int i = 0; i < n; i++)
                if (x[i] > 0.3)
                    hit[key[i] % 5] |= 1;
    }
    for (int i = 0; i < n; i++) {
        t.sum += x[i];
        t.count += key[i] > 1;
    }
    for (int k = 0; k < 4; k++)
        seen[k] = 1 << k;
    for (int i = 0; i < n; i++)
        seen[key[i] & 3] ^= i * 3;
    for (int k = 0; k < m; k++)
        printf("%.10g %.10g %.10g %.10g\n", bins[k], grid[3 * k], grid[3 * k + 1], grid[3 * k + 2]);
    printf("%.10g %.10g %d\n", trace, t.sum, t.count);
    printf("%d %d %d %d %d%d%d%d%d\n", seen[0], seen[1], seen[2], seen[3], hit[0], hit[1], hit[2], hit[3], hit[4]);
    free(grid);
    return 0;
}
