#include <stdio.h>
#define N 300
int main(void){
  int a[N], b[N];
  for (int i=0;i<N;i++) { a[i] = i; b[i] = 0; }
  for (int i=0;i<N;i++) { unsigned char k = i; b[i] = a[k]; }
  for (int i=0;i<N;i++) { unsigned char k = i; a[k] = a[k] * 2 % 1001 + i; }
  for (int i=0;i<N;i+=7) printf("%d %d ", a[i], b[i]);
  return 0;
}
