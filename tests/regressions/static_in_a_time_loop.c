#include <stdio.h>
#define N 20
int main(void){
  double a[N];
  for (int i=0;i<N;i++) a[i] = i;
  for (int t=0;t<3;t++) {
    static double s = 0;
    for (int i=0;i<N;i++) s += a[i];
    printf("%g\n", s);
  }
  return 0;
}
