#include <stdio.h>
#define N 20
extern double x[N];
double x[N];
double x[N];
static double z[N], (w)[N], *p = 0;
int main(void){
  for (int i=0;i<N;i++) { x[i]+=i; z[i] += x[i]; w[i] = z[i]; }
  double s=0; for (int i=0;i<N;i++) s+=x[i]+z[i]*i+w[i];
  printf("%g %d\n", s, p == 0);
}
