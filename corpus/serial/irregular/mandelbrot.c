/* The Mandelbrot set: how long a point takes is not known before. */
#include <stdio.h>

#define ROWS 40
#define COLUMNS 60
#define LIMIT 150

static int steps[ROWS][COLUMNS];

int main(void)
{
    long total = 0;
    int inside = 0;

    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double re = -2.2 + 3.0 * j / COLUMNS, im = -1.2 + 2.4 * i / ROWS;
            double x = 0.0, y = 0.0;
            int n = 0;
            while (n < LIMIT && x * x + y * y < 4.0) {
                double t = x * x - y * y + re;
                y = 2.0 * x * y + im;
                x = t;
                n++;
            }
            steps[i][j] = n;
        }

    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            total += steps[i][j];
            inside += steps[i][j] == LIMIT;
        }
    printf("%ld steps, %d points inside\n", total, inside);
    return 0;
}
