/* The longest 3n + 1 sequence below a limit. */
#include <stdio.h>

#define LIMIT 2000

int main(void)
{
    int longest = 0, start = 0;
    long total = 0;

    for (int n = 1; n < LIMIT; n++) {
        long value = n;
        int length = 0;
        while (value != 1) {
            if (value % 2 == 0)
                value /= 2;
            else
                value = 3 * value + 1;
            length++;
        }
        total += length;
        if (length > longest) {
            longest = length;
            start = n;
        }
    }
    printf("longest %d from %d, total %ld\n", longest, start, total);
    return 0;
}
