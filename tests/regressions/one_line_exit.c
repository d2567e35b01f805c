#include <stdio.h>
#define N 20
int main(void){
  double x[N], s = 0;
  for (int i=0;i<N;i++) x[i] = i;
  for (int i=0;i<N;i++) s += x[i];
  if (s < 0) { printf("bad\n"); return 1; }
  printf("%g\n", s);
  return 0;
}
