/* Erosion of a terrain of whole numbers: a cell falls to the mean of itself and its lower neighbours. In int:
   exact. The first and last row, and the first and last column, stay. */
#include <stdio.h>

#define ROWS 44
#define COLS 31
#define MIN(a, b) ((a) < (b) ? (a) : (b))

static int ground[ROWS][COLS], eroded[ROWS][COLS];

int main(void)
{
  int i, j, year, moved = 1;
  long sum = 0;

  for (i = 0; i < ROWS; i++)
    for (j = 0; j < COLS; j++)
      ground[i][j] = 1000 + (i * 97 + j * 61 + i * j * 13) % 500;

  for (year = 0; year < 30 && moved > 0; year++) {
    moved = 0;
    for (i = 1; i < ROWS - 1; i++)
      for (j = 1; j < COLS - 1; j++) {
        int low = ground[i][j];
        low = MIN(low, ground[i - 1][j]);
        low = MIN(low, ground[i + 1][j]);
        low = MIN(low, ground[i][j - 1]);
        low = MIN(low, ground[i][j + 1]);
        eroded[i][j] = (ground[i][j] + low) / 2;
        if (eroded[i][j] != ground[i][j])
          moved++;
      }
    for (i = 1; i < ROWS - 1; i++)
      for (j = 1; j < COLS - 1; j++)
        ground[i][j] = eroded[i][j];
  }

  for (i = 0; i < ROWS; i++)
    for (j = 0; j < COLS; j++)
      sum += (long)ground[i][j] * (i + 2 * j + 1);

  printf("%d years, %d cells still moving\n", year, moved);
  printf("weighted height %ld\n", sum);
  printf("%d %d\n", ground[0][0], ground[ROWS - 1][COLS - 1]);
  return 0;
}
