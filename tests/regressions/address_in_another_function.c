#include <stdio.h>
#define N 17
static double s, *p; static void init(void) { p = &s; }
static double get(void) { return *p; }
int main(void){
  double a[N], b[N];
  init();
  for (int i=0;i<N;i++) a[i] = i*i;
  for (int i=0;i<N;i++) { s = a[i]; b[i] = s + 1; }
  printf("%g %g\n", *p, b[2]);
  for (int i=0;i<N;i++) { b[i] = get(); s = a[i]; }
  for (int i=0;i<N;i++) printf("%g ", b[i]);
  printf("%g\n", get());
  s = 0; *p = 4; for (int i=0;i<N;i++) s += a[i];
  printf("%g\n", s);
  return 0;
}
