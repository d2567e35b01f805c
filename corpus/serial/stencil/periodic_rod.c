/* Heat in a ring: a cell at each end holds a copy of the cell at the other end. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 200;
    double *u = malloc((n + 2) * sizeof(double));
    double *v = malloc((n + 2) * sizeof(double));

    for (int i = 0; i < n + 2; i++) {
        u[i] = i % 20 < 10 ? 1.0 : 0.0;
        v[i] = 0.0;
    }

    for (int t = 0; t < 40; t++) {
        u[0] = u[n];
        u[n + 1] = u[1];
        for (int i = 1; i <= n; i++)
            v[i] = u[i] + 0.2 * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
        for (int i = 1; i <= n; i++)
            u[i] = v[i];
    }

    double heat = 0.0, moment = 0.0;
    for (int i = 1; i <= n; i++) {
        heat += u[i];
        moment += i * u[i];
    }
    printf("heat %.12e moment %.12e\n", heat, moment);
    free(u);
    free(v);
    return 0;
}
