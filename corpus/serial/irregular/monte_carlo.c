/* The volume of a ball by chance; each throw makes its own numbers from its number. */
#include <stdio.h>
#include <stdlib.h>

static double number(unsigned long long seed)
{
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebULL;
    return (double)(seed >> 32) / 4294967296.0;
}

int main(int argc, char **argv)
{
    long throws = argc > 1 ? atol(argv[1]) : 6000;
    long hits = 0;

    for (long t = 0; t < throws; t++) {
        unsigned long long seed = 3ULL * (unsigned long long)t + 1ULL;
        double x = number(seed), y = number(seed + 1), z = number(seed + 2);
        if (x * x + y * y + z * z < 1.0)
            hits++;
    }
    printf("%ld of %ld, volume %.6f\n", hits, throws, throws > 0 ? 8.0 * hits / throws : 0.0);
    return 0;
}
