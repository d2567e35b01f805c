/* Grey levels of an image, counted into bins; the busiest bin and the median level. */
#include <stdio.h>

#define ROWS 60
#define COLUMNS 50
#define LEVELS 32

static unsigned char image[ROWS][COLUMNS];

int main(void)
{
    int count[LEVELS] = { 0 };
    int i, j, level;

    for (i = 0; i < ROWS; i++)
        for (j = 0; j < COLUMNS; j++)
            image[i][j] = (unsigned char)((i * i + 3 * i * j + 7 * j) % 256);

    for (i = 0; i < ROWS; i++)
        for (j = 0; j < COLUMNS; j++)
            count[image[i][j] * LEVELS / 256]++;

    int busiest = 0, seen = 0, median = -1;
    for (level = 0; level < LEVELS; level++) {
        if (count[level] > count[busiest])
            busiest = level;
        seen += count[level];
        if (median < 0 && 2 * seen >= ROWS * COLUMNS)
            median = level;
    }
    for (level = 0; level < LEVELS; level++)
        printf("%d%c", count[level], level % 8 == 7 ? '\n' : ' ');
    printf("busiest %d median %d of %d\n", busiest, median, seen);
    return 0;
}
