/* Lax-Wendroff on a ring, neighbours by remainder; the whole profile is printed. */
#include <stdio.h>

#define N 120

static double q[N], r[N];

int main(void)
{
    const double c = 0.5;

    for (int i = 0; i < N; i++)
        q[i] = i > N / 4 && i < N / 2 ? 2.0 : 1.0;

    for (int t = 0; t < 30; t++) {
        for (int i = 0; i < N; i++) {
            double left = q[(i + N - 1) % N], right = q[(i + 1) % N];
            r[i] = q[i] - 0.5 * c * (right - left) + 0.5 * c * c * (right - 2.0 * q[i] + left);
        }
        for (int i = 0; i < N; i++)
            q[i] = r[i];
    }

    for (int i = 0; i < N; i++)
        printf("%d %.9f\n", i, q[i]);
    return 0;
}
