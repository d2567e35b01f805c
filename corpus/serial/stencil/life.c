/* Conway's Life in a dish with a dead rim; the last generation is drawn. */
#include <stdio.h>
#include <stdlib.h>

#define ROWS 40
#define COLUMNS 32

static int cell[ROWS + 2][COLUMNS + 2], next[ROWS + 2][COLUMNS + 2];

int main(void)
{
    int i, j, generation, alive;

    for (i = 1; i <= ROWS; i++)
        for (j = 1; j <= COLUMNS; j++)
            cell[i][j] = (i * i + 5 * j + i * j) % 7 < 3;

    for (generation = 0; generation < 15; generation++) {
        for (i = 1; i <= ROWS; i++)
            for (j = 1; j <= COLUMNS; j++) {
                int around = cell[i - 1][j - 1] + cell[i - 1][j] + cell[i - 1][j + 1] + cell[i][j - 1]
                           + cell[i][j + 1] + cell[i + 1][j - 1] + cell[i + 1][j] + cell[i + 1][j + 1];
                next[i][j] = around == 3 || (around == 2 && cell[i][j]);
            }
        for (i = 1; i <= ROWS; i++)
            for (j = 1; j <= COLUMNS; j++)
                cell[i][j] = next[i][j];
    }

    alive = 0;
    for (i = 1; i <= ROWS; i++)
        for (j = 1; j <= COLUMNS; j++)
            alive += cell[i][j];
    printf("%d alive\n", alive);
    for (i = 1; i <= ROWS; i++) {
        for (j = 1; j <= COLUMNS; j++)
            putchar(cell[i][j] ? 'o' : '.');
        putchar('\n');
    }
    return 0;
}
