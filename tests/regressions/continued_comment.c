#include <stdio.h>
#define N 12
int main(void){
  double x[N], s = 0;
  for (int i=0;i<N;i++) { x[i] = i*i; }
  for (int i=0;i<N;i++) s += x[i]; // sum \
 continues
  printf("abc\
def %g\n", s);
  return 0;
}
