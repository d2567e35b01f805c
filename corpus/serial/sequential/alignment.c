/* Needleman and Wunsch's alignment of two sequences: each score needs three that come before it. */
#include <stdio.h>
#include <stdlib.h>

#define LENGTH 80

static int first[LENGTH], second[LENGTH], score[LENGTH + 1][LENGTH + 1], row_best[LENGTH + 1];

int main(void)
{
    int i, j, best = -1000000;

    for (i = 0; i < LENGTH; i++) {
        first[i] = (i * i + 3) % 4;
        second[i] = (i * 5 + i / 3) % 4;
    }

    for (i = 0; i <= LENGTH; i++)
        score[i][0] = -2 * i;
    for (j = 0; j <= LENGTH; j++)
        score[0][j] = -2 * j;
    for (i = 1; i <= LENGTH; i++)
        for (j = 1; j <= LENGTH; j++) {
            int s = score[i - 1][j - 1] + (first[i - 1] == second[j - 1] ? 3 : -1);
            if (score[i - 1][j] - 2 > s)
                s = score[i - 1][j] - 2;
            if (score[i][j - 1] - 2 > s)
                s = score[i][j - 1] - 2;
            score[i][j] = s;
        }

    for (i = 0; i <= LENGTH; i++) {
        row_best[i] = score[i][0];
        for (j = 1; j <= LENGTH; j++)
            if (score[i][j] > row_best[i])
                row_best[i] = score[i][j];
    }
    for (i = 0; i <= LENGTH; i++)
        if (row_best[i] > best)
            best = row_best[i];
    printf("score %d best %d\n", score[LENGTH][LENGTH], best);
    return 0;
}
