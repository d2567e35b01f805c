/* Scale a vector to unit length; give up early if it has none. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define MAXIMUM(a,b) (((a)>(b))?(a):(b))

int main(int argc, char **argv)
{
    int n = 640;
    int i;
    double *v, norm, big, check;

    if (argc > 1) n = atoi(argv[1]);
    if (n <= 0) {
        printf("nothing to do\n");
        exit(0);
    }

    v = (double *)malloc(sizeof(double) * n);
    for (i = 0; i < n; i++)
        v[i] = (i % 3 - 1) * sqrt(1.0 + i) + 0.5;

    /* scaled, so that squares cannot overflow */
    big = 0.0;
    for (i = 0; i < n; i++)
        big = MAXIMUM(big, fabs(v[i]));
    if (big == 0.0) {
        printf("zero vector\n");
        free(v);
        return 1;
    }

    norm = 0.0;
    for (i = 0; i < n; i++) {
        double s = v[i] / big;
        norm += s * s;
    }
    norm = big * sqrt(norm);

    for (i = 0; i < n; i++)
        v[i] /= norm;

    check = 0.0;
    for (i = 0; i < n; i++)
        check += fabs(v[i]) * (1.0 + i % 10);

    printf("norm %.14e\n", norm);
    printf("check %.14e\n", check);
    printf("v[0] %.14e v[%d] %.14e\n", v[0], n - 1, v[n - 1]);
    free(v);
    return 0;
}
