/* Integer data, updated by loops with strides 2 and 3 and with other lower bounds than 0. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    int i, n = 300;
    long *v;
    int *tag;
    long total, tags;

    if (argc > 1)
        n = atoi(argv[1]);

    v = (long *) malloc(n * sizeof(long));
    tag = (int *) malloc(n * sizeof(int));

    for (i = 0; i <= n - 1; i++) {
        v[i] = 3L * i * i - 7 * i + 11;
        tag[i] = i % 10;
    }

    /* even places */
    for (i = 0; i < n; i += 2)
        v[i] = v[i] / 2 + i;

    /* odd places */
    for (i = 1; i < n; i += 2)
        v[i] = 3 * v[i] + 1;

    /* every third place, but for the ends */
    for (i = 5; i < n - 3; i += 3) {
        v[i] -= 4;
        tag[i] = -1;
    }

    total = 0;
    tags = 0;
    for (i = 0; i < n; i++) {
        total += v[i] * (i + 1);
        tags += tag[i] * (i % 7 + 1);
    }
    printf("n %d total %ld tags %ld\n", n, total, tags);

    free(v);
    free(tag);
    return EXIT_SUCCESS;
}
