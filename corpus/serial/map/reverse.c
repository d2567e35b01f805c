/* y is x back to front, z its even part: z[i] = (x[i] + x[n-1-i]) / 2. Every rank needs x from afar. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = 250;
    if (argc > 1)
        n = atoi(argv[1]);

    double *x = calloc(n, sizeof(double));
    double *y = calloc(n, sizeof(double));
    double *z = calloc(n, sizeof(double));

    for (int i = 0; i < n; i++)
        x[i] = (i * 29 % 101) + 0.25 * i;

    for (int i = 0; i < n; i++)
        y[i] = x[n - 1 - i];

    for (int i = 0; i < n; i++)
        z[i] = 0.5 * (x[i] + y[i]);

    double sy = 0.0, sz = 0.0;
    for (int i = 0; i < n; i++) {
        sy += y[i] * (i + 1);
        sz += z[i] * (i % 6 + 1);
    }
    printf("%.15g %.15g\n", sy, sz);
    printf("%.17g %.17g\n", y[0], z[n / 3]);

    free(x);
    free(y);
    free(z);
    return 0;
}
