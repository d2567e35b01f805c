#include <stdio.h>
#include <stdlib.h>
int main(void){
  static int m; int n = 15;
  double *x = malloc(n*sizeof(double)), s = 0;
  for (int i=0;i<n;i++) x[i] = 1;
  for (int i=0;i<m;i++) x[i] = 5;
  m = n;
  for (int i=0;i<m;i++) s += x[i];
  printf("%g\n", s);
  return 0;
}
