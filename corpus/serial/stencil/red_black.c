/* Red-black Gauss-Seidel for Poisson's equation: each colour needs only the other one. */
#include <stdio.h>
#include <math.h>

#define N 40

static double u[N][N], f[N][N];

int main(void)
{
    double residual = 0.0, sum = 0.0;
    int i, j, sweep;

    for (i = 0; i < N; i++)
        for (j = 0; j < N; j++) {
            u[i][j] = 0.0;
            f[i][j] = (i * j) % 3 - 1.0;
        }

    for (sweep = 0; sweep < 20; sweep++) {
        for (i = 1; i < N - 1; i++)             /* red: i + j even */
            for (j = 1 + (i + 1) % 2; j < N - 1; j += 2)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - f[i][j]);
        for (i = 1; i < N - 1; i++)             /* black: i + j odd */
            for (j = 1 + i % 2; j < N - 1; j += 2)
                u[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - f[i][j]);
    }

    for (i = 1; i < N - 1; i++)
        for (j = 1; j < N - 1; j++) {
            double r = u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4.0 * u[i][j] - f[i][j];
            residual += r * r;
            sum += u[i][j] * (1 + (i + j) % 3);
        }
    printf("residual %.10e sum %.10e\n", sqrt(residual), sum);
    return 0;
}
