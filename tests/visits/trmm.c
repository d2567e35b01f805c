/* memory per rank: 1500 */
#include <stdio.h>
#include <stdlib.h>
#define N 26
#define M 7
int main(void) {
    static double L[N * N], B[N * M], C[N * M];
    for (int i = 0; i < N; i++) for (int k = 0; k <= i; k++) L[i * N + k] = 1.0 / (i + k + 1);
    for (int i = 0; i < N * M; i++) B[i] = i % 11;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++) {
            double s = L[i * N + i] * B[i * M + j];
            for (int k = 0; k < i; k++)
                s += L[i * N + k] * B[k * M + j];
            C[i * M + j] = s;
        }
    for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) printf("%g%c", C[i * M + j], j == M - 1 ? '\n' : ' ');
}
