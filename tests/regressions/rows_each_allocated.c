#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int main(void) {
    int n = 11, m = 7;
    double **u = malloc(n * sizeof(double *));
    double **v = malloc(n * sizeof(double *));
    for (int i = 0; i < n; i++) {
        u[i] = malloc(m * sizeof(double));
        v[i] = malloc(m * sizeof(double));
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            u[i][j] = sin(i) + cos(j);
            v[i][j] = u[i][j];
        }
    for (int t = 0; t < 4; t++) {
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < m - 1; j++)
                v[i][j] = 0.25 * (u[i-1][j] + u[i+1][j] + u[i][j-1] + u[i][j+1]);
        double **tmp = u; u = v; v = tmp;
    }
    double s = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) s += u[i][j] * u[i][j];
    printf("%.10g\n", sqrt(s));
    for (int i = 0; i < n; i++) { free(u[i]); free(v[i]); }
    free(u); free(v);
    return 0;
}
