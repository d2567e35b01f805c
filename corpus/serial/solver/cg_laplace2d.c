/* Conjugate gradients for Poisson's equation on a square, matrix-free, on grids with a rim of zeros. */
#include <stdio.h>
#include <stdlib.h>

#define M 30

int main(void)
{
    double (*x)[M + 2] = calloc(M + 2, sizeof *x);
    double (*r)[M + 2] = calloc(M + 2, sizeof *r);
    double (*p)[M + 2] = calloc(M + 2, sizeof *p);
    double (*q)[M + 2] = calloc(M + 2, sizeof *q);
    double rho = 0.0;

    for (int i = 1; i <= M; i++)
        for (int j = 1; j <= M; j++) {
            r[i][j] = 1.0 + (i * j) % 5;
            p[i][j] = r[i][j];
            rho += r[i][j] * r[i][j];
        }

    for (int it = 0; it < 30; it++) {
        if (rho < 1e-16)
            break;
        double pq = 0.0;
        for (int i = 1; i <= M; i++)
            for (int j = 1; j <= M; j++) {
                q[i][j] = 4.5 * p[i][j] - p[i - 1][j] - p[i + 1][j] - p[i][j - 1] - p[i][j + 1];
                pq += p[i][j] * q[i][j];
            }
        double alpha = rho / pq, next = 0.0;
        for (int i = 1; i <= M; i++)
            for (int j = 1; j <= M; j++) {
                x[i][j] += alpha * p[i][j];
                r[i][j] -= alpha * q[i][j];
                next += r[i][j] * r[i][j];
            }
        double beta = next / rho;
        rho = next;
        for (int i = 1; i <= M; i++)
            for (int j = 1; j <= M; j++)
                p[i][j] = r[i][j] + beta * p[i][j];
    }

    double sum = 0.0, top = 0.0;
    for (int i = 1; i <= M; i++)
        for (int j = 1; j <= M; j++) {
            sum += x[i][j];
            if (x[i][j] > top)
                top = x[i][j];
        }
    printf("sum %.8e top %.8e\n", sum, top);
    free(x);
    free(r);
    free(p);
    free(q);
    return 0;
}
