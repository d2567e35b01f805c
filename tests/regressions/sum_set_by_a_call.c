#include <stdio.h>
#define N 20
double s;
static void setup(void) { s = 10; }
int main(void){
  double a[N];
  for (int i=0;i<N;i++) a[i] = i;
  s = 0;
  setup();
  for (int i=0;i<N;i++) s += a[i];
  printf("%g\n", s);
  return 0;
}
