#define count 100
#define size 5
#define type 3
#include <stdio.h>
int main(void){
  double x[count];
  for (int i=0;i<count;i++) { x[i] = i; }
  double s = size;
  for (int i=1;i<count;i+=2) s += x[i] - x[i-1];
  printf("%g\n", s + x[3]);
  return 0;
}
