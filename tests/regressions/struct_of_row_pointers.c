#include <stdio.h>
#include <stdlib.h>
typedef struct { int rows, cols; double **old, **new; } Field;
int main(void) {
    Field f = { 12, 8, NULL, NULL };
    f.old = malloc(f.rows * sizeof *f.old);
    f.new = malloc(f.rows * sizeof *f.new);
    for (int i = 0; i < f.rows; i++) {
        f.old[i] = malloc(f.cols * sizeof(double));
        f.new[i] = malloc(f.cols * sizeof(double));
        for (int j = 0; j < f.cols; j++) f.old[i][j] = f.new[i][j] = i * j;
    }
    for (int t = 0; t < 3; t++) {
        for (int i = 1; i < f.rows - 1; i++)
            for (int j = 1; j < f.cols - 1; j++) f.new[i][j] = (f.old[i - 1][j] + f.old[i + 1][j]) / 3;
        double **held = f.old;
        f.old = f.new;
        f.new = held;
    }
    double s = 0;
    for (int i = 0; i < f.rows; i++)
        for (int j = 0; j < f.cols; j++) s += f.old[i][j] * (j + 1);
    printf("%.10g\n", s);
    for (int i = 0; i < f.rows; i++) { free(f.old[i]); free(f.new[i]); }
    free(f.old);
    free(f.new);
    return 0;
}
