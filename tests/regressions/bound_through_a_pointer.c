#include <stdio.h>
#define N 20
int main(void){
  double a[N], s = 0; int n = 10, *p = &n;
  for (int i=0;i<N;i++) a[i] = 1;
  for (int i=0;i<*p;i++) { a[i] = 2; if (i == 3) n = 5; }
  for (int i=0;i<N;i++) s += a[i]*i;
  printf("%g\n", s);
  return 0;
}
