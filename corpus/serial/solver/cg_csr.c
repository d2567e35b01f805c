/* Conjugate gradients with a matrix in compressed rows: a ring with chords. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 150;
    int *start = malloc((n + 1) * sizeof(int)), *col = malloc((size_t)5 * n * sizeof(int));
    double *val = malloc((size_t)5 * n * sizeof(double));
    double *x = malloc(n * sizeof(double)), *r = malloc(n * sizeof(double));
    double *p = malloc(n * sizeof(double)), *q = malloc(n * sizeof(double));
    double rho = 0.0;
    int nz = 0;

    for (int i = 0; i < n; i++) {
        start[i] = nz;
        col[nz] = i;
        val[nz++] = 5.0;
        col[nz] = (i + 1) % n;
        val[nz++] = -1.0;
        col[nz] = (i + n - 1) % n;
        val[nz++] = -1.0;
        if (n % 2 == 0) {
            col[nz] = (i + n / 2) % n;
            val[nz++] = -0.5;
        }
    }
    start[n] = nz;

    for (int i = 0; i < n; i++) {
        x[i] = 0.0;
        r[i] = 1.0 + i % 5;
        p[i] = r[i];
        rho += r[i] * r[i];
    }

    int it = 0;
    while (it < 30 && rho > 1e-20) {
        double pq = 0.0;
        for (int i = 0; i < n; i++) {
            double sum = 0.0;
            for (int k = start[i]; k < start[i + 1]; k++)
                sum += val[k] * p[col[k]];
            q[i] = sum;
        }
        for (int i = 0; i < n; i++)
            pq += p[i] * q[i];
        double alpha = rho / pq, before = rho;
        rho = 0.0;
        for (int i = 0; i < n; i++) {
            x[i] += alpha * p[i];
            r[i] -= alpha * q[i];
            rho += r[i] * r[i];
        }
        for (int i = 0; i < n; i++)
            p[i] = r[i] + rho / before * p[i];
        it++;
    }

    double norm = 0.0;
    for (int i = 0; i < n; i++)
        norm += x[i] * x[i];
    printf("%d elements, |x| %.8e, x[0] %.8e\n", nz, sqrt(norm), x[0]);
    free(start);
    free(col);
    free(val);
    free(x);
    free(r);
    free(p);
    free(q);
    return 0;
}
