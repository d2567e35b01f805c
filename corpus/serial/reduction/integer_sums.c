/* Sums of integers: exact, whatever the order. */
#include <stdio.h>

#define N 700

long series[N + 1];
int digit[N + 1];

int main(void)
{
   int i;
   long total = 0, odd = 0, squares = 0, thirds = 0;
   int digits = 0;

   for (i = 0; i <= N; i++) {
      series[i] = (long) i * (i + 1) / 2;
      digit[i] = (i / 10 + i) % 10;
   }

   for (i = 1; i <= N; i++)
      total = total + series[i];

   for (i = 0; i <= N; i++) {
      digits += digit[i];
      if (series[i] % 2 != 0)
         odd += series[i];
      else
         squares += (long) digit[i] * digit[i] * i;
   }

   for (i = 2; i <= N; i += 3)
      thirds -= series[i] - i;

   printf("total %ld\n", total);
   printf("digits %d odd %ld squares %ld thirds %ld\n", digits, odd, squares, thirds);
   return 0;
}
