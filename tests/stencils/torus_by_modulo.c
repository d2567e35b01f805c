#include <stdio.h>
#include <stdlib.h>
#define N 37
#define M 23
static double u[N][M], v[N][M];
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            u[i][j] = (i * 7 + j * 3) % 11;
    for (int t = 0; t < 20; t++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++)
                v[i][j] = 0.25 * (u[(i + 1) % N][j] + u[(i - 1 + N) % N][j] + u[i][(j + 1) % M] + u[i][(j + M - 1) % M]);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < M; j++)
                u[i][j] = v[i][j];
    }
    double s = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < M; j++)
            s += u[i][j] * (i + 2 * j);
    printf("%.12f %f\n", s, u[N / 3][0]);
    return 0;
}
