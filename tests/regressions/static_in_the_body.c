#include <stdio.h>
#define N 20
int main(void){
  double a[N], b[N];
  for (int i=0;i<N;i++) a[i] = i*i;
  for (int i=0;i<N;i++) { static double prev = 0; b[i] = a[i] - prev; prev = a[i]; }
  for (int i=0;i<N;i++) printf("%g ", b[i]);
  return 0;
}
