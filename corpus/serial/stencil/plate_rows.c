/* Heat in a plate that is an array of rows, each row allocated by itself; copied back with memcpy, then printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 36
#define COLUMNS 30

int main(void)
{
    double **t = malloc(ROWS * sizeof *t), **s = malloc(ROWS * sizeof *s);
    int i, j, step;

    for (i = 0; i < ROWS; i++) {
        t[i] = calloc(COLUMNS, sizeof **t);
        s[i] = calloc(COLUMNS, sizeof **s);
    }
    for (i = 0; i < ROWS; i++)
        for (j = 0; j < COLUMNS; j++)
            t[i][j] = s[i][j] = j == 0 ? 100.0 : i % 4;

    for (step = 0; step < 40; step++) {
        for (i = 1; i < ROWS - 1; i++)
            for (j = 1; j < COLUMNS - 1; j++)
                s[i][j] = t[i][j] + 0.2 * (t[i - 1][j] + t[i + 1][j] + t[i][j - 1] + t[i][j + 1] - 4.0 * t[i][j]);
        for (i = 1; i < ROWS - 1; i++)
            memcpy(t[i], s[i], COLUMNS * sizeof **t);
    }

    for (i = 0; i < ROWS; i++) {
        for (j = 0; j < COLUMNS; j++)
            printf("%.8f ", t[i][j]);
        printf("\n");
    }
    for (i = 0; i < ROWS; i++) {
        free(t[i]);
        free(s[i]);
    }
    free(t);
    free(s);
    return 0;
}
