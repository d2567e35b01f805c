/* LU decomposition with macros for the elements and for the loops. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define A(i, j) a[(i) * n + (j)]
#define EACH(i, n) for (int i = 0; i < (n); i++)

static void fill(double *a, double *b, int n)
{
    EACH(i, n) {
        EACH(j, n)
            A(i, j) = 1.0 / (1.0 + abs(i - j));
        A(i, i) += n; /* so that no pivoting is needed */
        b[i] = i + 1;
    }
}

static void decompose(double *a, int n)
{
    EACH(k, n) {
        for (int i = k + 1; i < n; i++) {
            A(i, k) /= A(k, k);
            for (int j = k + 1; j < n; j++)
                A(i, j) -= A(i, k) * A(k, j);
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 23;
    if (n <= 0) {
        fprintf(stderr, "usage: %s n\n", argv[0]);
        return 1;
    }
    double *a = malloc(n * n * sizeof *a), *b = malloc(n * sizeof *b);
    double logdet = 0.0, sum = 0.0;
    fill(a, b, n);
    decompose(a, n);
    EACH(i, n) {
        logdet += log(fabs(A(i, i)));
        sum += b[i];
    }
    printf("log det %.10f, sum %.10f\n", logdet, sum);
    free(a);
    free(b);
    return 0;
}
