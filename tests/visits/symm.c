/* memory per rank: 5k */
#include <stdio.h>
#define N 31
#define M 19
double A[N][N], B[N][M], C[N][M];
int main(void) {
    for (int i = 0; i < N; i++) for (int j = 0; j <= i; j++) A[i][j] = 1.0 + (i * 7 + j) % 5;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) { B[i][j] = i - j * 0.5; C[i][j] = 1; }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            double t = 0;
            for (int k = 0; k <= i; k++) t += A[i][k] * B[k][j];
            for (int k = i + 1; k < N; k++) t += A[k][i] * B[k][j];
            C[i][j] = 0.3 * C[i][j] + 2 * t;
        }
    double s = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += C[i][j] * (i + 2 * j);
    printf("%.12e\n", s);
}
