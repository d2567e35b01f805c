/* Products and counts under conditions. */
#include <stdio.h>
#include <stdlib.h>

#define COUNT 300

int main(void)
{
    int *a = malloc(COUNT * sizeof(int));
    double *p = malloc(COUNT * sizeof(double));
    int i;

    for (i = 0; i < COUNT; i++) {
        a[i] = (i * i + 3 * i) % 97;
        p[i] = 1.0 - 1.0 / ((i + 2.0) * (i + 2.0));
    }

    /* Wallis-like product: tends to 1/2 */
    double prod = 1.0;
    for (i = 0; i < COUNT; i++)
        prod *= p[i];

    double odd = 1.0;
    for (i = 1; i < COUNT; i += 2)
        odd = odd * p[i];

    int even = 0, large = 0;
    long places = 0;
    for (i = 0; i < COUNT; i++) {
        if (a[i] % 2 == 0)
            even++;
        if (a[i] > 48 && a[i] < 90) {
            large += 1;
            places += i;
        }
    }

    int sign = 1;
    for (i = 0; i < COUNT; i++)
        sign *= a[i] % 3 == 1 ? -1 : 1;

    printf("product %.14e, odd factors %.14e\n", prod, odd);
    printf("even %d, between %d (places %ld), sign %d\n", even, large, places, sign);
    free(a);
    free(p);
    return 0;
}
