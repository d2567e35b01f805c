/* memory per rank: 60M */
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = 20 + argc, m = 12 + argc;
    (void)argv;
    double **A = malloc(n * sizeof *A), **B = malloc(n * sizeof *B), **C = malloc(n * sizeof *C);
    for (int i = 0; i < n; i++) A[i] = malloc(n * sizeof **A);
    for (int i = 0; i < n; i++) B[i] = malloc(m * sizeof **B);
    for (int i = 0; i < n; i++) C[i] = malloc(m * sizeof **C);
    for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) A[i][j] = i + j;
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) B[i][j] = i - 2 * j;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            double s = 0;
            for (int k = 0; k < n; k++)
                s += A[i][k] * B[k][j];
            C[i][j] = s;
        }
    double t = 0;
    for (int i = 0; i < n; i++) for (int j = 0; j < m; j++) t += C[i][j] * (i + j);
    printf("%.12e\n", t);
    for (int i = 0; i < n; i++) free(A[i]);
    for (int i = 0; i < n; i++) free(B[i]);
    for (int i = 0; i < n; i++) free(C[i]);
    free(A); free(B); free(C);
    return 0;
}
