#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv){
  int n = argc > 1 ? atoi(argv[1]) : 7; double *x = malloc(n*sizeof *x); int c = 0;
  for (int i=0;i<n+5;i++) { if (i < n) x[i] = i; c++; }
  for (int i=-3;i<n;i++) { if (i >= 0) x[i] += 2; c++; }
  for (int i=0;i<n;i++) c += (int)x[i];
  printf("%d\n", c);
  return 0;
}
