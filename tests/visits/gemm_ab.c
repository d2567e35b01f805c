/* memory per rank: 6500 */
#include <stdio.h>
#include <stdlib.h>
#define N 37
#define M 29
#define K 41
int main(void) {
    double *A = malloc(N * K * sizeof(double)), *B = malloc(K * M * sizeof(double)), *C = malloc(N * M * sizeof(double));
    double alpha = 1.5, beta = 0.25;
    for (int i = 0; i < N; i++) for (int k = 0; k < K; k++) A[i * K + k] = 1.0 / (1 + i + 2 * k);
    for (int k = 0; k < K; k++) for (int j = 0; j < M; j++) B[k * M + j] = 0.5 * k - 0.1 * j;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) C[i * M + j] = i - j;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < M; j++) {
            double acc = 0.0;
            for (int k = 0; k < K; k++) {
                acc += A[i * K + k] * B[k * M + j];
            }
            C[i * M + j] = alpha * acc + beta * C[i * M + j];
        }
    }
    double s = 0;
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) s += C[i * M + j] * (1 + i % 3);
    printf("%.12e\n", s);
    free(A); free(B); free(C);
    return 0;
}
