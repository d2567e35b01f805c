#include <stdio.h>
#define N 500

static double v[N];

int main(void) {
  double sum = 0.0, top = -1.0;
  int many = 3;
  for (int i = 0; i < N; i++)
    v[i] = (i * 37) % 101;
  for (int i = 0; i < N; i++) {
    sum += v[i];
    if (v[i] > top)
      top = v[i];
    if (v[i] > 50.0)
      many++;
  }
  if (top > 99.0)
    printf("high\n");
  printf("%g %d\n", sum, many);
  return 0;
}
