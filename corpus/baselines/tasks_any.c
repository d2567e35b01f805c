/* Tasks of different lengths. */
#include <stdio.h>

#define TASKS 40

static double work(int k) {
  double s = 0.0;
  for (int i = 0; i <= k % 4; i++)
    s += 1.0 / (1.0 + k + i);
  return s;
}

int main(void) {
  double result[TASKS], sum = 0.0;
  for (int k = 0; k < TASKS; k++)
    result[k] = work(k);
  for (int k = 0; k < TASKS; k++)
    printf("%d %.10f\n", k, result[k]);
  for (int k = 0; k < TASKS; k++)
    sum += result[k];
  printf("%.10f\n", sum);
  return 0;
}
