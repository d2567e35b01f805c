/* Cholesky's factor, left-looking: column j waits for all columns before it, and takes them from rows i and j. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

static void factorise(int n, double a[n][n])
{
    for (int j = 0; j < n; j++) {
        for (int k = 0; k < j; k++)
            a[j][j] -= a[j][k] * a[j][k];
        a[j][j] = sqrt(a[j][j]);
        for (int i = j + 1; i < n; i++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k];
            a[i][j] /= a[j][j];
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 48;
    double (*a)[n] = malloc(sizeof(double[n][n]));
    double total = 0.0, least = 1e30;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = i == j ? n + 1.0 : 1.0 / (1.0 + abs(i - j));
    factorise(n, a);
    for (int i = 0; i < n; i++) {
        if (a[i][i] < least)
            least = a[i][i];
        for (int j = 0; j <= i; j++)
            total += a[i][j] * (1 + j % 3);
    }
    printf("n %d total %.12e least pivot %.12e\n", n, total, least);
    free(a);
    return 0;
}
