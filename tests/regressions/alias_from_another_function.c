#include <stdio.h>
#define N 17
double a[N]; double *p; static void init(void) { p = a; }
int main(void){
  double b[N], s = 0;
  init();
  for (int i=0;i<N;i++) { a[i] = i*i; b[i] = 1; }
  for (int i=1;i<N;i++) a[i] = p[i-1] + 1;
  for (int i=0;i<N;i++) s += p[i]*i + b[i];
  printf("%g %g\n", s, a[3]);
  return 0;
}
