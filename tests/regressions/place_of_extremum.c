#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int main(int argc, char **argv) {
    int m = argc > 1 ? atoi(argv[1]) : 20, n = 15;
    double (*a)[n] = malloc(sizeof(double[m][n]));
    int pi = 0, pj = 0, last = 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = fmod(i * 37.0 + j * 11, 101.0) * sin(i * j) - 3;
    for (int t = 0; t < 3; t++) {
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
                if (fabs(a[i][j]) > fabs(a[pi][pj])) {
                    pi = i;
                    pj = j;
                }
        for (int i = 1; i < m; i++) {
            /* the last of the least in column 3 */
            if (a[last][3] >= a[i][3])
                last = i;
        }
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
                a[i][j] = 0.7 * a[i][j] + 0.01 * t * j;
        printf("%d %d %d\n", pi, pj, last);
    }
    free(a);
    return 0;
}
