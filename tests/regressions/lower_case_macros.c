#include <stdio.h>
#include <stdlib.h>
#define n 100
#define step 2
#define size 7
int main(void){
  double *x = malloc(n * sizeof(double));
  int col[n];
  for (int i=0;i<n;i++) { x[i] = i; col[i] = (i*7) % n; }
  double s = 0;
  for (int i=1;i<n;i+=step) s += x[i] - x[i-1] + size;
  for (int i=1;i<n;i++) s += x[col[i]];
  printf("%g\n", s + x[3]);
  free(x);
  return 0;
}
