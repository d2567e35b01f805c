/* IxAMAX and IxAMIN of BLAS: the place of the element of largest and of smallest absolute value, the first of equals. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 640;
    double *x = malloc(n * sizeof(double));

    for (int i = 0; i < n; i++)
        x[i] = (i * 37 % 101 - 50) * 0.25;

    int imax = -1, imin = -1;
    double largest = -1.0, smallest = 1.0e30;
    for (int i = 0; i < n; i++) {
        double size = fabs(x[i]);
        if (size > largest) {
            largest = size;
            imax = i;
        }
        if (size < smallest) {
            smallest = size;
            imin = i;
        }
    }

    /* the last of those that are least, signs counted */
    int last = -1;
    double lowest = 1.0e30;
    for (int i = 0; i < n; i++)
        if (x[i] <= lowest) {
            lowest = x[i];
            last = i;
        }

    printf("iamax %d iamin %d last of the least %d\n", imax, imin, last);
    if (n > 0)
        printf("%.17g %.17g %.17g\n", largest, smallest, lowest);
    free(x);
    return 0;
}
