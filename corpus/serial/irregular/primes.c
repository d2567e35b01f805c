/* Primes by trial division: large numbers take longer. */
#include <stdio.h>
#include <stdlib.h>

static int prime(int n)
{
    int d;
    if (n < 2)
        return 0;
    for (d = 2; d * d <= n; d++)
        if (n % d == 0)
            return 0;
    return 1;
}

int main(int argc, char **argv)
{
    int limit = argc > 1 ? atoi(argv[1]) : 3000;
    int n, count = 0, largest = 0;
    long sum = 0;

    for (n = 2; n <= limit; n++)
        if (prime(n)) {
            count++;
            sum += n;
            if (n > largest)
                largest = n;
        }
    printf("%d primes up to %d, sum %ld, largest %d\n", count, limit, sum, largest);
    return 0;
}
