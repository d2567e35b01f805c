/* Energy and magnetisation of a spin lattice with open borders; each bond is counted once, so a row looks at
   the one below. Whole numbers: exact. */
#include <stdio.h>
#include <stdlib.h>

#define L 40
#define SPIN(i, j) spin[(i) * L + (j)]

int main(void)
{
    int *spin = malloc(L * L * sizeof(int));

    for (int i = 0; i < L; i++)
        for (int j = 0; j < L; j++)
            SPIN(i, j) = ((i * 31 + j * 17 + i * j) % 5 < 2) ? 1 : -1;

    int energy = 0, magnetisation = 0;
    long moment = 0;
    for (int i = 0; i < L; i++) {
        for (int j = 0; j < L; j++) {
            int s = SPIN(i, j);
            if (i + 1 < L)
                energy -= s * SPIN(i + 1, j);
            if (j + 1 < L)
                energy -= s * SPIN(i, j + 1);
            magnetisation += s;
            moment += (long)s * (i + 1) * (j + 2);
        }
    }

    int unlike = 0;
    for (int i = 0; i < L - 1; i++)
        for (int j = 0; j < L; j++)
            if (SPIN(i, j) != SPIN(i + 1, j))
                unlike++;

    printf("energy %d magnetisation %d moment %ld\n", energy, magnetisation, moment);
    printf("walls between rows %d\n", unlike);
    free(spin);
    return 0;
}
