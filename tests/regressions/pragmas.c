#include <stdio.h>
#include <math.h>
#define N 17
int main(void){
  double x[N], y[N]; double s = 3; int i;
  for (i=0;i<N;i++) { x[i] = i; y[i] = 1; }
  for (int t=0;t<9;t++) {
#pragma GCC ivdep
    for (i=1;i<N-1;i++) y[i] = floor(sqrt(x[i-1] * x[i+1]));
#pragma GCC \
    ivdep
    for (i=1;i<N-1;i++)
      x[i] = y[i];
    for (i=0;i<N;i++) s += x[i];
  }
  printf("%g\n", s);
  return 0;
}
