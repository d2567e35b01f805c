#include <stdio.h>
#define N 20
int main(void){
  double a[N]; int s = 0;
  for (int i=0;i<N;i++) a[i] = 0.75;
  for (int i=0;i<N;i++) s += a[i];     /* int: truncated at every step: stays 0 */
  printf("%d\n", s);
  s = 9;
  for (int i=0;i<N;i++) s -= a[i];
  printf("%d\n", s);
  return 0;
}
