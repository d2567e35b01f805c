/* SpMV with rows of equal length (ELLPACK), short rows filled up with zeros. */
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 4

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 260;
    int (*column)[WIDTH] = malloc(n * sizeof *column);
    double (*value)[WIDTH] = malloc(n * sizeof *value);
    double *x = malloc(n * sizeof *x);
    double *y = malloc(n * sizeof *y);

    for (int i = 0; i < n; i++) {
        x[i] = 0.25 * (i % 9) + 1.0;
        for (int k = 0; k < WIDTH; k++) {
            int used = k <= i % WIDTH;
            column[i][k] = used ? (i + k * k * 5) % n : 0;
            value[i][k] = used ? 1.0 + k : 0.0;
        }
    }

    for (int i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = 0; k < WIDTH; k++)
            sum += value[i][k] * x[column[i][k]];
        y[i] = sum;
    }

    double check = 0.0;
    for (int i = 0; i < n; i++)
        check += y[i] * (1 + i % 4);
    printf("check %.12e\n", check);
    free(column);
    free(value);
    free(x);
    free(y);
    return 0;
}
