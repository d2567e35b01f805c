/* The point that is nearest to a place, and how many are near. */
#include <math.h>
#include <stdio.h>

#define N 900

int main(void) {
  double best = 1e30;
  int which = -1, near = 0;
  for (int i = 0; i < N; i++) {
    double x = fmod(i * 0.37, 5.0) - 2.1, y = fmod(i * 0.91, 3.0) - 1.3;
    double d = sqrt(x * x + y * y);
    if (d < best) {
      best = d;
      which = i;
    }
    if (d < 1.0)
      near++;
  }
  printf("%d %.8f %d\n", which, best, near);
  return 0;
}
