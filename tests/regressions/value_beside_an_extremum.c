/* A structure of the smallest element and its place, found in a helper function; main has names of its own that the
   text for finding it has too. */
#include <stdio.h>
#define N 53

struct extent {
    double low;
    int at;
};

static struct extent lowest(const double *x, int n)
{
    struct extent e = {1e30, -1};
    for (int i = 0; i < n; i++)
        if (x[i] < e.low) {
            e.low = x[i];
            e.at = i + 100;
        }
    return e;
}

int main(void)
{
    double x[N], value = 0.5;
    int row = 3;
    for (int i = 0; i < N; i++)
        x[i] = (i * 17) % 23 + value * row;
    struct extent e = lowest(x, N);
    printf("%.3f %d\n", e.low, e.at);
    return 0;
}
