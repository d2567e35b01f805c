#include <stdio.h>
#define N 50
#define NX 20
int main(void)
{
    static float a[N], b[N];
    int im, ip;
    for (int i = 0; i < N; i++)
        a[i] = i % 7;
    for (int t = 0; t < 30; t++) {
        for (int i = 0; i < N; i++) {
            im = i - 1;
            if (im < 0)
                im += N;
            if (i == N - 1) {
                ip = 0;
            } else {
                ip = i + 1;
            }
            b[i] = 0.5f * a[i] + 0.2f * a[im] + 0.3f * a[ip];
        }
        for (int i = 0; i < N; i++)
            a[i] = b[i] - 0.1f * b[(i + 2) % N] + 0.1f * b[(i + N - 2) % N];
    }
    double s = 0;
    for (int i = 0; i < N; i++)
        s += a[i] * i;
    printf("%.6f\n", s);
    return 0;
}
