/* memory per rank: 31M */
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 23, m = argc > 2 ? atoi(argv[2]) : 17;
    double (*A)[m] = malloc(n * sizeof *A), (*C)[n] = malloc(n * sizeof *C);
    for (int i = 0; i < n; i++) for (int k = 0; k < m; k++) A[i][k] = 1.0 / (1 + i + k);
    for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) C[i][j] = 0.5 * i;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            C[i][j] *= 0.5;
        for (int j = 0; j <= i; j++)
            for (int k = 0; k < m; k++)
                C[i][j] += 1.25 * A[i][k] * A[j][k];
    }
    double s = 0;
    for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) s += C[i][j] * (j + 1);
    printf("%.12e\n", s);
}
