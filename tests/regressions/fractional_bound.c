#include <stdio.h>
#define N 9
int main(void){
  double a[N]; double s = 0; int n = N;
  for (int i=0;i<N;i++) a[i] = 1;
  for (int i=0;i<0.5*n;i++) a[i] = 2;
  for (int i=0;i<n/2.0;i++) s += a[i];
  for (int i=0;i<N;i++) s += 10*a[i];
  printf("%g\n", s);
  return 0;
}
