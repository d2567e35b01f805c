/* Running sums. */
#include <stdio.h>

#define N 400

static double x[N], s[N];

int main(void) {
  double sum = 0.0;
  long count = 0;
  for (int i = 0; i < N; i++)
    x[i] = 1.0 / (1.0 + i % 10);
  for (int i = 0; i < N; i++) {
    sum += x[i];
    s[i] = sum;
    if (i % 3 == 0)
      count++;
  }
  for (int i = 0; i < N; i++)
    printf("%.9f\n", s[i]);
  printf("%ld\n", count);
  return 0;
}
