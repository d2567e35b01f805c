#include <stdio.h>
#define N 20
int main(void){
  double a[N], b[N]; double s = 0;
  for (int i=0;i<N;i++) a[i] = i;
  for (int i=0;i<N;i++) b[i] = (s += a[i]);
  for (int i=0;i<N;i++) printf("%g ", b[i]);
  printf("%g\n", s);
  return 0;
}
