/* Copies by memcpy, memmove and memset: whole arrays, rows, parts, in a helper function, of a size kept in a variable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 24
#define M 7

static double u[N][M], v[N][M];

static void copy(double *to, const double *from, int n)
{
    memcpy(to, from, n * sizeof(double));
}

int main(void)
{
    int n = 41;
    const size_t bytes = n * sizeof(double);
    double *a = malloc(bytes), *b = malloc(bytes);
    double (*w)[M] = malloc(sizeof(double[N][M]));

    memset(v, 0, sizeof v);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            u[i][j] = i == 0 ? 1.0 : 0.01 * (i * j % 7);
    memcpy(v, u, sizeof(u));
    for (int t = 0; t < 3; t++) {
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < M - 1; j++)
                v[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1]);
        for (int i = 1; i < N - 1; i++)
            memcpy(u[i], v[i], sizeof u[i]);
        memcpy(u[0], u[1], M * sizeof(double));                      /* one row, by its owner */
    }
    memcpy(&w[2], &u[2], (N - 4) * sizeof *w);                       /* some rows */
    memset(w[0], 0, 2 * sizeof w[0]);
    memset(&w[N - 2][0], 0, 2 * M * sizeof(double));

    for (int i = 0; i < n; i++)
        a[i] = i * i % 13;
    copy(b, a, n);
    memmove(a, a + 1, (n - 1) * sizeof *a);                          /* up and down by one */
    memmove(&b[1], &b[0], (n - 1) * sizeof(double));
    for (int i = 0; i < n; i++)
        b[i] += a[i];
    memcpy(&a[5], &b[5], 20 * sizeof(double));
    memcpy(b, a, bytes);

    double s = 0.0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            s += (i + 1) * w[i][j] + j * v[i][j];
    printf("%.10f\n", s);
    for (int i = 0; i < n; i++)
        printf("%g %g\n", a[i], b[i]);
    free(a);
    free(b);
    free(w);
    return 0;
}
