#include <stdio.h>
#define N 20
int main(void){
  int a[N]; int m = 3;
  for (int i=0;i<N;i++) a[i] = i - 10;
  for (int i=0;i<N;i++) m = (unsigned)a[i] > (unsigned)m ? a[i] : m;
  printf("%d\n", m);
  unsigned lim = 0; int q = -5;
  for (int i=0;i<N;i++) { if (lim + a[i] < q) q = lim + a[i]; }
  printf("%d\n", q);
  return 0;
}
