#include <stdio.h>
#define N 23
static struct { double a[N][N], x[N], y[N]; struct { int n, shift; } size; } data = { .size = { N, 2 } };
int main(void) {
    struct { double total, largest; } sum = { 0 };
    for (int i = 0; i < data.size.n; i++) {
        data.x[i] = 1.0 / (i + 1);
        for (int j = 0; j < data.size.n; j++) data.a[i][j] = i - j + data.size.shift;
    }
    for (int i = 0; i < data.size.n; i++)
        for (int j = 0; j < data.size.n; j++) data.y[i] += data.a[i][j] * data.x[j];
    for (int i = 0; i < data.size.n; i++) {
        sum.total += data.y[i];
        if (data.y[i] > sum.largest) sum.largest = data.y[i];
    }
    printf("%.10g %.10g\n", sum.total, sum.largest);
    return 0;
}
