/* 27-point smoothing of a 3-D field; weights by distance, looked up in a table. */
#include <stdio.h>

#define NX 18
#define NY 10
#define NZ 12

static double a[NX][NY][NZ], b[NX][NY][NZ];

int main(void)
{
    const double w[4] = { 8.0 / 64, 4.0 / 64, 2.0 / 64, 1.0 / 64 };
    int i, j, k, sweep;

    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            for (k = 0; k < NZ; k++)
                a[i][j][k] = b[i][j][k] = ((i * 5 + j * 3 + k) % 16) / 16.0;

    for (sweep = 0; sweep < 3; sweep++) {
        for (i = 1; i < NX - 1; i++)
            for (j = 1; j < NY - 1; j++)
                for (k = 1; k < NZ - 1; k++) {
                    double s = 0.0;
                    for (int di = -1; di <= 1; di++)
                        for (int dj = -1; dj <= 1; dj++)
                            for (int dk = -1; dk <= 1; dk++)
                                s += w[di * di + dj * dj + dk * dk] * a[i + di][j + dj][k + dk];
                    b[i][j][k] = s;
                }
        for (i = 1; i < NX - 1; i++)
            for (j = 1; j < NY - 1; j++)
                for (k = 1; k < NZ - 1; k++)
                    a[i][j][k] = b[i][j][k];
    }

    double check = 0.0, top = 0.0;
    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            for (k = 0; k < NZ; k++) {
                check += a[i][j][k] * (1 + i + j + k);
                if (a[i][j][k] > top)
                    top = a[i][j][k];
            }
    printf("check %.14e\n", check);
    printf("top %.16e\n", top);
    return 0;
}
