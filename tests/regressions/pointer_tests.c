#include <stdio.h>
#include <stdlib.h>
#define N 12
int main(int argc, char **argv){
  double *x = malloc(N*sizeof(double)), s = 0;
  if (x != NULL) {
  for (int i=0;i<N;i++) { x[i] = i*i; }
  for (int i=0;i<N;i++) s += x[i];
  printf("%g\n", s);
  free(x);
  return 0;
  }
  return argc + (argv == NULL);
}
