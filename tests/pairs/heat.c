/* Explicit heat equation on a rod with fixed ends, until it settles. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 100

static double u[N], v[N];

static double source(int i) { return 0.5 * i; }

static void complain(const char *what)
{
    fprintf(stderr, "wrong %s\n", what);
    exit(1);
}

int main(int argc, char **argv)
{
    int most = 50, step;
    double change, total = 2.5, weight = 0.0;
    if (argc > 1)
        most = atoi(argv[1]);
    if (most < 0)
        complain("number of steps");
    for (int i = 0; i < N; i++) {
        u[i] = source(i) + i % 3;
        v[i] = 0.0;
    }
    u[0] = v[N - 1] = 1.0;
    u[N - 1] = u[N - 2];
    for (step = 0; step < most; step++) {
        change = 0.0;
        for (int i = 1; i < N - 1; i++) {
            int left = i - 1;
            v[i] = 0.5 * (u[left] + u[i + 1]);
            change += fabs(v[i] - u[i]);
        }
        for (int i = 1; i < N - 1; i++)
            u[i] = v[i];
        if (change < 1e-3)
            break;
    }
    for (int i = 0; i < N; i++)
        total += u[i];
    for (int i = 0; i < N; i += 2)
        weight += u[i] * (i + 1);
    printf("%d steps\n", step);
    printf("%.6e %.6e\n", total, weight);
    printf("middle %.6e\n", u[N / 2]);
    return 0;
}
