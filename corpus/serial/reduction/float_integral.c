/* Single precision: arc length and area under a sampled curve by the trapezoidal rule. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(void)
{
    int n = 150;              /* intervals: n + 1 points */
    float dx = 0.02f;
    float *y = (float *)malloc((n + 1) * sizeof(float));
    float area, length, peak;

    if (y == NULL)
        return EXIT_FAILURE;

    for (int i = 0; i <= n; i++)
        y[i] = 1.5f + sinf(3.0f * i * dx);

    area = 0.0f;
    for (int i = 0; i < n; i++)
        area += 0.5f * dx * (y[i] + y[i + 1]);

    length = 0.0f;
    peak = y[0];
    for (int i = 1; i <= n; i++) {
        float dy = y[i] - y[i - 1];
        length += sqrtf(dx * dx + dy * dy);
        if (y[i] > peak)
            peak = y[i];
    }

    printf("area %.7g length %.7g peak %.7g\n", area, length, peak);
    free(y);
    return EXIT_SUCCESS;
}
