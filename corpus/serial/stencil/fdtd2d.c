/* Light in a box, transverse electric: fields on staggered grids (Yee), a source in the middle. */
#include <stdio.h>
#include <math.h>

#define NX 50
#define NY 40
#define STEPS 25

static double ex[NX][NY], ey[NX][NY], hz[NX][NY];

int main(void)
{
    int i, j, t;

    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++) {
            ex[i][j] = i * (j + 1.0) / NX;
            ey[i][j] = i * (j + 2.0) / NY;
            hz[i][j] = i * (j + 3.0) / NX;
        }

    for (t = 0; t < STEPS; t++) {
        for (j = 0; j < NY; j++)
            ey[0][j] = sin(0.3 * t);
        for (i = 1; i < NX; i++)
            for (j = 0; j < NY; j++)
                ey[i][j] = ey[i][j] - 0.5 * (hz[i][j] - hz[i - 1][j]);
        for (i = 0; i < NX; i++)
            for (j = 1; j < NY; j++)
                ex[i][j] = ex[i][j] - 0.5 * (hz[i][j] - hz[i][j - 1]);
        for (i = 0; i < NX - 1; i++)
            for (j = 0; j < NY - 1; j++)
                hz[i][j] = hz[i][j] - 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
    }

    double energy = 0.0;
    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            energy += ex[i][j] * ex[i][j] + ey[i][j] * ey[i][j] + hz[i][j] * hz[i][j];
    printf("energy %.11e\n", energy);
    printf("hz in the middle %.11e\n", hz[NX / 2][NY / 2]);
    return 0;
}
