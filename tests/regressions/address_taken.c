#include <stdio.h>
#define N 20
int main(void){
  double a[N], b[N], s = -1, *p = &s;
  for (int i=0;i<N;i++) a[i] = i*i;
  for (int i=0;i<N;i++) { b[i] = *p; s = a[i]; }
  for (int i=0;i<N;i++) printf("%g ", b[i]);
  printf("%g\n", *p);
  return 0;
}
