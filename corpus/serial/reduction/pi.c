/* pi as the integral of 4 / (1 + x^2) over [0, 1], midpoint rule.  usage: pi [intervals] */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    long n = 5000;
    if (argc > 1) {
        n = atol(argv[1]);
        if (n <= 0) {
            printf("the number of intervals must be positive\n");
            return 1;
        }
    }

    double h = 1.0 / (double)n;
    double sum = 0.0;
    for (long i = 0; i < n; i++) {
        double x = h * ((double)i + 0.5);
        sum += 4.0 / (1.0 + x * x);
    }
    double pi = h * sum;

    /* Leibniz, two terms at a time, for comparison */
    double leibniz = 0.0;
    for (long k = 1; k <= n; k += 2)
        leibniz += 8.0 / ((2.0 * k - 1.0) * (2.0 * k + 1.0));

    printf("%ld intervals: pi = %.15f\n", n, pi);
    printf("leibniz: %.15f\n", leibniz);
    return 0;
}
