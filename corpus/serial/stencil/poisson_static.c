/* Poisson's equation -u'' = f in two dimensions on static arrays. Weighted Jacobi, copied back, stopped on the
   two-norm of the update. */
#include <stdio.h>
#include <math.h>

#define N 36
#define M 30

static double u[N][M], next[N][M], f[N][M];

int main(void)
{
    const double h = 1.0 / (M + 1), omega = 0.8;
    double norm;
    int i, j, iter = 0;

    for (i = 0; i < N; i++)
        for (j = 0; j < M; j++) {
            u[i][j] = 0.0;
            next[i][j] = 0.0;
            f[i][j] = 1.0 + 0.5 * (i % 3) + 0.25 * (j % 2);
        }

    do {
        norm = 0.0;
        for (i = 1; i < N - 1; i++)
            for (j = 1; j < M - 1; j++) {
                double jac = 0.25 * (u[i-1][j] + u[i+1][j] + u[i][j-1] + u[i][j+1] + h * h * f[i][j]);
                next[i][j] = (1.0 - omega) * u[i][j] + omega * jac;
            }
        for (i = 1; i < N - 1; i++)
            for (j = 1; j < M - 1; j++) {
                double d = next[i][j] - u[i][j];
                norm += d * d;
                u[i][j] = next[i][j];
            }
        norm = sqrt(norm);
        iter++;
    } while (norm > 1e-3 && iter < 120);

    double check = 0.0;
    for (i = 0; i < N; i++)
        for (j = 0; j < M; j++)
            check += u[i][j] * (1 + i + 2 * j);

    printf("%d iterations, update %.13e\n", iter, norm);
    printf("check %.13e\n", check);
    return 0;
}
