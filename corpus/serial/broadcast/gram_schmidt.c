/* Modified Gram-Schmidt: vector k is made one long, then taken out of all later ones. The vectors are rows. */
#include <stdio.h>
#include <math.h>

#define VECTORS 32
#define LENGTH 60

static double q[VECTORS][LENGTH];

int main(void)
{
    double check = 0.0;
    int i, j, k;

    for (i = 0; i < VECTORS; i++)
        for (k = 0; k < LENGTH; k++)
            q[i][k] = (i == k ? 5.0 : 0.0) + 1.0 / (1 + (i * 7 + k * 3) % 19);

    for (i = 0; i < VECTORS; i++) {
        double norm = 0.0;
        for (k = 0; k < LENGTH; k++)
            norm += q[i][k] * q[i][k];
        norm = sqrt(norm);
        for (k = 0; k < LENGTH; k++)
            q[i][k] /= norm;
        for (j = i + 1; j < VECTORS; j++) {
            double along = 0.0;
            for (k = 0; k < LENGTH; k++)
                along += q[i][k] * q[j][k];
            for (k = 0; k < LENGTH; k++)
                q[j][k] -= along * q[i][k];
        }
    }

    for (i = 0; i < VECTORS; i++)
        for (k = 0; k < LENGTH; k++)
            check += fabs(q[i][k]) * (1 + k % 3);
    printf("check %.11e\n", check);
    return 0;
}
