/* An eleven-point stencil in three dimensions: two neighbours in each direction along x and y, one along z. */
#include <stdio.h>

#define NX 22
#define NY 18
#define NZ 14

static double a[NX][NY][NZ], b[NX][NY][NZ];

int main(void)
{
    double sum = 0.0, top = 0.0;
    int i, j, k, t;

    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            for (k = 0; k < NZ; k++) {
                a[i][j][k] = (i * 3 + j * 5 + k * 7) % 11;
                b[i][j][k] = a[i][j][k];
            }

    for (t = 0; t < 6; t++) {
        for (i = 2; i < NX - 2; i++)
            for (j = 2; j < NY - 2; j++)
                for (k = 1; k < NZ - 1; k++)
                    b[i][j][k] = 0.3 * a[i][j][k]
                               + 0.1 * (a[i - 1][j][k] + a[i + 1][j][k] + a[i][j - 1][k] + a[i][j + 1][k])
                               + 0.05 * (a[i - 2][j][k] + a[i + 2][j][k] + a[i][j - 2][k] + a[i][j + 2][k])
                               + 0.05 * (a[i][j][k - 1] + a[i][j][k + 1]);
        for (i = 2; i < NX - 2; i++)
            for (j = 2; j < NY - 2; j++)
                for (k = 1; k < NZ - 1; k++)
                    a[i][j][k] = b[i][j][k];
    }

    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            for (k = 0; k < NZ; k++) {
                sum += a[i][j][k];
                if (a[i][j][k] > top)
                    top = a[i][j][k];
            }
    printf("sum %.12e top %.12e\n", sum, top);
    return 0;
}
