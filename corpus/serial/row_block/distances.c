/* All pairwise distances between points in the plane, and how many neighbours each has. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 70

int main(void)
{
    double px[N], py[N];
    int near[N];
    double *dist = malloc(N * N * sizeof(double));
    if (!dist) return 1;

    for (int i = 0; i < N; i++) {
        px[i] = fmod(7.31 * i, 10.0);
        py[i] = fmod(3.77 * i, 10.0);
    }

    for (int i = 0; i < N; i++) {
        int count = 0;
        for (int j = 0; j < N; j++) {
            double dx = px[i] - px[j];
            double dy = py[i] - py[j];
            dist[i * N + j] = sqrt(dx * dx + dy * dy);
            if (j != i && dist[i * N + j] < 1.5)
                count++;
        }
        near[i] = count;
    }

    double widest = 0.0, sum = 0.0;
    long pairs = 0;
    for (int i = 0; i < N; i++) {
        pairs += near[i] * (long)(i + 1);
        for (int j = 0; j < N; j++) {
            if (dist[i * N + j] > widest)
                widest = dist[i * N + j];
            sum += dist[i * N + j];
        }
    }
    printf("mean distance %.14e widest %.16e\n", sum / (N * N), widest);
    printf("weighted neighbours %ld\n", pairs);
    free(dist);
    return 0;
}
