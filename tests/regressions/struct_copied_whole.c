#include <stdio.h>
#define N 20
typedef struct { int n; double scale; } Options;
int main(void) {
    double a[N];
    Options first = { N, 2.0 }, second;
    for (int i = 0; i < first.n; i++) a[i] = i;
    second = first;
    second.n = 3;
    Options *named = &first;
    named->n = 5;
    for (int i = 0; i < first.n; i++) a[i] *= second.scale;
    double s = 0;
    for (int i = 0; i < N; i++) s += a[i];
    printf("%g %d\n", s, first.n + second.n);
    return 0;
}
