/* Gradient of a height field by differences (one-sided at the borders, central inside) and the steepest slope. */
#include <stdio.h>
#include <math.h>

#define ROWS 50
#define COLS 35

double height[ROWS][COLS];
double dx[ROWS][COLS];
double dy[ROWS][COLS];

int main(void)
{
    int i, j;

    for (i = 0; i <= ROWS - 1; i++)
        for (j = 0; j <= COLS - 1; j++)
            height[i][j] = 100.0 + 8.0 * sin(0.21 * i) + 5.0 * cos(0.17 * j) + 0.05 * i * j;

    /* along the rows: nothing but columns of the same row */
    for (i = 0; i < ROWS; i++) {
        dx[i][0] = height[i][1] - height[i][0];
        for (j = 1; j <= COLS - 2; j++)
            dx[i][j] = 0.5 * (height[i][j + 1] - height[i][j - 1]);
        dx[i][COLS - 1] = height[i][COLS - 1] - height[i][COLS - 2];
    }

    /* across the rows */
    for (i = 0; i < ROWS; i++)
        for (j = 0; j < COLS; j++) {
            if (i == 0)
                dy[i][j] = height[i + 1][j] - height[i][j];
            else if (i == ROWS - 1)
                dy[i][j] = height[i][j] - height[i - 1][j];
            else
                dy[i][j] = 0.5 * (height[i + 1][j] - height[i - 1][j]);
        }

    double steepest = 0.0, area = 0.0;
    for (i = 0; i < ROWS; i++)
        for (j = 0; j < COLS; j++) {
            double slope2 = dx[i][j] * dx[i][j] + dy[i][j] * dy[i][j];
            if (slope2 > steepest)
                steepest = slope2;
            area += sqrt(1.0 + slope2) * (1 + i % 3);
        }
    printf("steepest %.16e\narea %.14e\n", sqrt(steepest), area);
    return 0;
}
