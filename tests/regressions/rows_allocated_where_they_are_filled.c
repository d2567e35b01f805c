#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#define NX 13
#define NY 6
int main(void) {
    float **a, **b, **c;
    int i, j, t;
    a = (float **) malloc(sizeof(float *) * NX);
    if (a == NULL) { fprintf(stderr, "no memory\n"); exit(1); }
    for (i = 0; i < NX; i++) {
        a[i] = (float *) malloc(sizeof(float) * NY);
        if (a[i] == NULL) {
            fprintf(stderr, "no memory\n");
            exit(1);
        }
    }
    b = malloc(NX * sizeof *b);
    c = malloc(NX * sizeof *c);
    for (i = 0; i < NX; i++) {
        b[i] = malloc(NY * sizeof *b[i]);
        c[i] = calloc(NY, sizeof **c);
        for (j = 0; j < NY; j++)
            b[i][j] = 0.0f;
    }
    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            a[i][j] = (float) (i * j % 7);
    for (t = 0; t < 6; t++) {
        for (i = 2; i < NX - 2; i++)
            for (j = 1; j < NY - 1; j++)
                b[i][j] = 0.2f * (a[i-2][j] + a[i-1][j] + a[i+2][j] + a[i][j-1] + a[i][j+1]);
        for (i = 2; i < NX - 2; i++)
            for (j = 1; j < NY - 1; j++)
                a[i][j] = b[i][j] + c[i][j];
    }
    double s = 0, x = a[NX / 2][NY / 2];
    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            s += a[i][j];
    printf("%.6f %.6f\n", s, x);
    for (i = 0; i < NX; i++) free(a[i]);
    for (i = 0; i < NX; i++) { free(b[i]); free(c[i]); }
    free(a); free(b); free(c);
    return 0;
}
