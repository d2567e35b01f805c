#include <stdio.h>
#include <stdlib.h>
#define N 17
static double *g;
static double *view(void) { return g; }
int main(void){
  g = malloc(N*sizeof(double));
  double s = 0; double *p = view();
  for (int i=0;i<N;i++) g[i] = i*i;
  for (int i=1;i<N;i++) g[i] = p[i-1] + 1;
  for (int i=0;i<N;i++) s += p[i]*i;
  printf("%g\n", s);
  return 0;
}
