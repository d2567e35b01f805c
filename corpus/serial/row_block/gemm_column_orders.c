/* Two products with the column loop outermost: C = A B in order j i k, then D = C B in order j k i. */
#include <stdio.h>

#define ORDER 40

static double A[ORDER][ORDER], B[ORDER][ORDER], C[ORDER][ORDER], D[ORDER][ORDER];

int main(void)
{
    for (int i = 0; i < ORDER; i++) {
        for (int j = 0; j < ORDER; j++) {
            A[i][j] = 1.0 / (1 + (3 * i + j) % 9);
            B[i][j] = 0.5 + 0.25 * ((i + 2 * j) % 4);
            D[i][j] = 0.0;
        }
    }

    for (int j = 0; j < ORDER; j++)
        for (int i = 0; i < ORDER; i++) {
            C[i][j] = 0.0;
            for (int k = 0; k < ORDER; k++)
                C[i][j] += A[i][k] * B[k][j];
        }

    for (int j = 0; j < ORDER; j++)
        for (int k = 0; k < ORDER; k++)
            for (int i = 0; i < ORDER; i++)
                D[i][j] += C[i][k] * B[k][j];

    double check = 0.0;
    for (int i = 0; i < ORDER; i++)
        for (int j = 0; j < ORDER; j++)
            check += D[i][j] * (1 + (5 * i + j) % 13);
    printf("check %.14e\n", check);
    return 0;
}
