/* Where each packet starts in a stream: running sums of lengths, then a checksum of the places. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 600;
    long *length = malloc((n + 1) * sizeof *length);
    long *place = malloc((n + 1) * sizeof *place);
    long check = 0, longest = 0;

    for (int i = 0; i < n; i++)
        length[i] = 16 + (long)i * i % 23;

    place[0] = 0;
    for (int i = 0; i < n; i++)
        place[i + 1] = place[i] + length[i];

    for (int i = 0; i < n; i++) {
        check += place[i] % 101 * (1 + i % 3);
        if (length[i] > longest)
            longest = length[i];
    }
    printf("%ld in all, check %ld, longest %ld\n", place[n], check, longest);
    free(length);
    free(place);
    return 0;
}
