/* SpMV with diagonals (DIA): five diagonals of a two-dimensional Laplacian with a gap of W. */
#include <stdio.h>
#include <stdlib.h>

#define W 12
#define N 300

static double far_below[N], below[N], centre[N], above[N], far_above[N];
static double x[N], y[N];

int main(void)
{
    double check = 0.0;
    int i;

    for (i = 0; i < N; i++) {
        far_below[i] = far_above[i] = -1.0;
        below[i] = i % W > 0 ? -1.0 : 0.0;
        above[i] = i % W < W - 1 ? -1.0 : 0.0;
        centre[i] = 4.0 + 0.125 * (i % 3);
        x[i] = 1.0 + i % 6;
    }

    for (i = 0; i < N; i++) {
        y[i] = centre[i] * x[i];
        if (i >= W)
            y[i] += far_below[i] * x[i - W];
        if (i >= 1)
            y[i] += below[i] * x[i - 1];
        if (i + 1 < N)
            y[i] += above[i] * x[i + 1];
        if (i + W < N)
            y[i] += far_above[i] * x[i + W];
    }

    for (i = 0; i < N; i++)
        check += y[i] * (1 + i % 5);
    printf("check %.12e\n", check);
    printf("y[0] %.12e y[%d] %.12e\n", y[0], N - 1, y[N - 1]);
    return 0;
}
