#include <stdio.h>
#include <stdlib.h>
int main(void)
{
  long n = 14; size_t m = 9; double s = 0;
  double *u = calloc(n * m, sizeof(double)); short h[20]; char c[20];
  for (size_t i = 0; i < (size_t)n; i++) for (size_t j = 0; j < m; j++) u[i*m+j] = i + 2.0*j;
  for (long i = 0; i < n; ++i) for (unsigned j = 1; j < m; j++) s += u[i*m+j] - u[i*m+j-1];
  for (short i = 0; i < 20; i++) h[i] = i;
  for (unsigned char i = 0; i < 20; i++) c[i] = i;
  for (int i = 0; i < 20; i++) s += h[i] + c[i];
  for (size_t i = m; i-- > 0; ) s += u[i];
  for (unsigned i = 1; i < m - 1; i++) u[i] = u[i-1+1] + i;
  printf("%g %g\n", s, u[n*m-1]);
  return 0;
}
