/* Conjugate gradients for a rod: the matrix is three diagonals, its elements computed where they are needed. */
#include <stdio.h>
#include <math.h>

#define N 400

static double x[N], r[N], p[N], q[N];

int main(void)
{
    double rho = 0.0, rho_old, alpha, pq, sum = 0.0;
    int i, iteration = 0;

    for (i = 0; i < N; i++) {
        x[i] = 0.0;
        r[i] = 1.0 + (i * 7 % 13) / 13.0;
        p[i] = r[i];
        rho += r[i] * r[i];
    }

    while (rho > 1e-10 && iteration < 40) {
        for (i = 0; i < N; i++) {
            q[i] = 3.0 * p[i];
            if (i > 0)
                q[i] -= p[i - 1];
            if (i < N - 1)
                q[i] -= p[i + 1];
        }
        pq = 0.0;
        for (i = 0; i < N; i++)
            pq += p[i] * q[i];
        alpha = rho / pq;
        for (i = 0; i < N; i++) {
            x[i] += alpha * p[i];
            r[i] -= alpha * q[i];
        }
        rho_old = rho;
        rho = 0.0;
        for (i = 0; i < N; i++)
            rho += r[i] * r[i];
        for (i = 0; i < N; i++)
            p[i] = r[i] + rho / rho_old * p[i];
        iteration++;
    }

    for (i = 0; i < N; i++)
        sum += x[i] * (1 + i % 4);
    printf("%s\n", iteration < 40 ? "converged" : "not converged");
    printf("sum %.8e middle %.8e\n", sum, x[N / 2]);
    return 0;
}
