/* Samples to decibels, and their correlation, with pointers that walk over the arrays. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 500;
    double *power = malloc((n + 1) * sizeof(double));
    double *level = malloc((n + 1) * sizeof(double));
    double *to, sum = 0.0, most = -1000.0, both = 0.0, square = 1.0;
    const double *from, *p, *q;
    int i, left;

    to = power;
    for (i = 0; i < n; i++)
        *to++ = 1.0 + (i * 29 % 83) * 0.5;

    from = power;
    to = level;
    for (i = 0; i < n; i++)
        *to++ = 10.0 * log10(*from++);

    for (from = level; from < level + n; from++) {
        sum += *from;
        if (*from > most)
            most = *from;
    }

    p = power;
    q = level;
    left = n;
    while (left-- > 0) {
        both += *p * *q;
        square += *p * *p;
        p++;
        q++;
    }
    printf("sum %.11e most %.11e\n", sum, most);
    printf("both %.11e ratio %.11e\n", both, both / sqrt(square));
    free(power);
    free(level);
    return 0;
}
