#include <stdio.h>
#include <math.h>
#define N 17
int main(void){
  int n = N; double x[n], y[n], s = 0;
  for (int i=0;i<n;i++) x[i] = i, y[i] = 0;
  for (int t=0;t<20;t++) {
    int n = 5; double z = 0;
    for (int i=0;i<n;i++) y[i] = sqrt(x[i]) ;
    for (int i=1;i<N-1;i++) y[i] = floor(sqrt(x[i-1] * x[i+1])) + n;
    for (int i=0;i<n;i++) z += y[i];
    for (int i=0;i<N;i++) x[i] = y[i] + z;
    x[2] = x[n] + x[16]; 
  }
  for (int i=0;i<n;i++) s += floor(x[i]);
  printf("%g\n", s);
  return 0;
}
