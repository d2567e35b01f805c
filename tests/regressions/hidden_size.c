#include <stdio.h>
#include <stdlib.h>
#include <math.h>
int main(void){
  int n = 17, m = 5; double *A = malloc(n*m*sizeof(double)), s = 0;
  for (int i=0;i<n;i++) for (int j=0;j<m;j++) A[i*m+j] = 0;
  for (int t=0;t<20;t++) {
    int mm = m; { int m = 2;
    for (int i=1;i<n-1;i++) for (int j=0;j<mm;j++) A[i*mm+j] = sqrt(i*i) + m + sqrt(j*j*t*t); }
  }
  for (int i=0;i<n;i++) for (int j=0;j<m;j++) s += A[i*m+j]*i;
  printf("%g\n", s);
  return 0;
}
