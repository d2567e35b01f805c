/* Elimination with a given pivot order: rows are exchanged, whoever owns them. */
#include <math.h>
#include <stdio.h>
#define N 17

static double a[N][N], b[N];

int main(void) {
    double x[N];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            a[i][j] = 1.0 / (1 + (i * 5 + j * 3) % 11) + (i == j ? 4.0 : 0.0);
        b[i] = i % 3 + 1.0;
    }
    for (int k = 0; k < N - 1; k++) {
        int p = k + (k * k + 1) % (N - k);
        if (p != k) {
            for (int j = 0; j < N; j++) {
                double t = a[k][j];
                a[k][j] = a[p][j];
                a[p][j] = t;
            }
            double t = b[k];
            b[k] = b[p];
            b[p] = t;
        }
        for (int i = k + 1; i < N; i++) {
            double m = a[i][k] / a[k][k];
            for (int j = k; j < N; j++)
                a[i][j] -= m * a[k][j];
            b[i] -= m * b[k];
        }
    }
    for (int i = N - 1; i >= 0; i--) {
        double s = b[i];
        for (int j = i + 1; j < N; j++)
            s -= a[i][j] * x[j];
        x[i] = s / a[i][i];
    }
    for (int i = 0; i < N; i++)
        printf("%.9f\n", x[i]);
    return 0;
}
