#include <stdio.h>
#include <stdlib.h>

#define ROWS 60
#define COLS 25
#define AT(m, i, j) ((m)[(i) * COLS + (j)])

/* Element-wise product and a weighted mean of two rectangular matrices kept row by row. */
int main(void)
{
    double *a = malloc(sizeof(double) * ROWS * COLS);
    double *b = malloc(sizeof(double) * ROWS * COLS);
    double *c = calloc(ROWS * COLS, sizeof(double));

    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++) {
            AT(a, i, j) = (i + 2.0 * j + 1.0) / (ROWS + COLS);
            AT(b, i, j) = 1.0 + (i * j) % 5;
        }
    }

    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLS; j++)
            AT(c, i, j) = AT(a, i, j) * AT(b, i, j);

    /* blend, first column apart */
    for (int i = 0; i < ROWS; i++) {
        AT(c, i, 0) = AT(a, i, 0);
        for (int j = 1; j < COLS; j++)
            AT(c, i, j) = 0.9 * AT(c, i, j) + 0.1 * AT(b, i, j);
    }

    double check = 0.0;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLS; j++)
            check += AT(c, i, j) * (1 + (7 * i + 3 * j) % 11);

    printf("check %.15g\n", check);
    printf("corner %.17g\n", AT(c, ROWS - 1, COLS - 1));
    free(a);
    free(b);
    free(c);
    return 0;
}
