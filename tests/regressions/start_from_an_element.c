#include <stdio.h>
#define N 12
int main(void){
  double x[N]; int s = 0, i;
  for (i=0;i<N;i++) { x[i] = i; }
  for (i=(int)x[2];i<6;i++) s += i;
  for (i=(int)x[1], s++;i<6;i++) s += i*i;
  printf("%d\n", s);
  return 0;
}
