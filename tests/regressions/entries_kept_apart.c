/* Each rank keeps the entries that its rows append: by rows with their starts, and all of them by pairs. */
#include <stdio.h>
#define N 24
static int start[N + 1], col[N * N], from[N * N], to[N * N];
static double val[N * N], length[N * N], x[N], y[N];

int main(void)
{
    int nnz = 0, pairs = 0;
    for (int i = 0; i < N; i++) {
        start[i] = nnz;
        for (int j = i % 3; j < N; j += 3)
            if ((i * j) % 5 != 2) {
                col[nnz] = j;
                val[nnz++] = 1.0 / (1 + i + j);
            }
        x[i] = i;
    }
    start[N] = nnz;
    for (int i = 0; i < N; i++)
        for (int j = i + 1; j < N; j++)
            if ((i + j) % 4 == 0) {
                from[pairs] = i;
                to[pairs] = j;
                pairs++;
            }
    printf("%d entries, %d pairs\n", nnz, pairs);
    for (int t = 0; t < 3; t++) {
        for (int i = 0; i < N; i++) {
            const int first = start[i], past = start[i + 1];
            y[i] = 0;
            for (int k = first; k < past; k++)
                y[i] += val[k] * x[col[k]];
        }
        for (int p = 0; p < pairs; p++)
            length[p] = y[to[p]] - y[from[p]];
        for (int i = 0; i < N; i++)
            x[i] = 0;
        for (int p = 0; p < pairs; p++) {
            x[from[p]] += length[p];
            x[to[p]] -= length[p];
        }
    }
    double s = 0;
    for (int i = 0; i < N; i++)
        s += x[i] * i;
    printf("%.12g\n", s);
    return 0;
}
