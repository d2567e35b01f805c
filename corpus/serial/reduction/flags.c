/* Checks of a table of packed flags: all, any, and the bitwise sums that a checksum needs. */
#include <stdio.h>
#include <stdbool.h>

#define WORDS 500

static unsigned word[WORDS];

int main(void)
{
    bool all_set = true;
    int any_high = 0, rising = 1;
    unsigned both = 0xffffffffu, either = 0, parity = 0;

    for (int i = 0; i < WORDS; i++)
        word[i] = ((unsigned)i * 2654435761u) >> 7 | 1u;

    for (int i = 0; i < WORDS; i++)
        all_set = all_set && (word[i] & 1u);

    for (int i = 0; i < WORDS; i++) {
        if (word[i] > 30000000u)
            any_high = 1;
        both &= word[i];
        either |= word[i];
        parity ^= word[i] + (unsigned)i;
    }

    for (int i = 1; i < WORDS; i++)
        if (word[i] < word[i - 1])
            rising = 0;

    printf("all set %d any high %d rising %d\n", all_set, any_high, rising);
    printf("and %08x or %08x xor %08x\n", both, either, parity);
    return 0;
}
