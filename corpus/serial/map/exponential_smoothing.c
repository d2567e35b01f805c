/* Exponential smoothing of a series. The smoothing is a true recurrence (each value needs the one before);
   making the series and the residuals is not. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 600

int main(void)
{
    double *x = malloc(N * sizeof(double));
    double *s = malloc(N * sizeof(double));
    double *r = malloc(N * sizeof(double));
    const double alpha = 0.3;
    int i;

    /* the series: a slow wave with a fast one on it, by its first terms */
    for (i = 0; i < N; i++) {
        double phase = 0.05 * i;
        double wave = sin(phase);
        wave += sin(3.0 * phase) / 3.0;
        wave += sin(5.0 * phase) / 5.0;
        wave += sin(7.0 * phase) / 7.0;
        x[i] = 10.0 + wave;
    }

    /* recurrence */
    s[0] = x[0];
    for (i = 1; i < N; i++)
        s[i] = alpha * x[i] + (1.0 - alpha) * s[i - 1];

    /* what the smoothing took away */
    for (i = 0; i < N; i++) {
        double d = x[i] - s[i];
        double w = 1.0 + fabs(d);
        d = d / w;
        r[i] = d * d;
    }

    double rss = 0.0;
    double level = 0.0;
    for (i = 0; i < N; i++) {
        double weight = 1.0 + 0.001 * i;
        rss += r[i] * weight;
        level += s[i] * weight;
    }
    printf("residual %.13e\nlevel %.13e\n", rss, level);
    printf("end of series %.17g\n", s[N - 1]);
    free(x);
    free(s);
    free(r);
    return 0;
}
