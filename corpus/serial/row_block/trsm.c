/* TRSM of BLAS: L X = B, one right-hand side in each row; the rows are solved apart, each of them in sequence. */
#include <stdio.h>
#include <stdlib.h>

#define N 40

static double l[N][N];

int main(int argc, char **argv)
{
    int sides = argc > 1 ? atoi(argv[1]) : 64;
    double (*b)[N] = malloc(sides * sizeof *b);
    double (*x)[N] = malloc(sides * sizeof *x);
    double check = 0.0;

    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            l[i][j] = i == j ? 2.0 + i % 3 : 1.0 / (1.0 + i + j);
    for (int s = 0; s < sides; s++)
        for (int i = 0; i < N; i++)
            b[s][i] = 1.0 + (s + i) % 5;

    for (int s = 0; s < sides; s++)
        for (int i = 0; i < N; i++) {
            double rest = b[s][i];
            for (int j = 0; j < i; j++)
                rest -= l[i][j] * x[s][j];
            x[s][i] = rest / l[i][i];
        }

    for (int s = 0; s < sides; s++)
        for (int i = 0; i < N; i++)
            check += x[s][i] * (1 + (s + i) % 3);
    printf("%d right-hand sides, check %.12e\n", sides, check);
    free(b);
    free(x);
    return 0;
}
