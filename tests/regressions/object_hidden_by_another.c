/* The object that a pointer points at is hidden by another of its name in the time loop. */
#include <stdio.h>
#include <stdlib.h>
typedef struct { int n; double w; } State;
int main(int argc, char **argv) {
    State st; State *s = &st;
    s->n = argc > 1 ? atoi(argv[1]) : 200;
    int steps = argc > 2 ? atoi(argv[2]) : 2;
    double *x = calloc(s->n + 1, sizeof(double)), *y = calloc(s->n + 1, sizeof(double)); s->w = 0.25;
    for (int i = 0; i < s->n; i++) x[i] = i * i % 13;
    for (int t = 0; t < steps; t++) {
        State st;
        st.n = s->n > 100 ? s->n / 2 : s->n; st.w = s->w;
        for (int i = 1; i < s->n - 1; i++) y[i] = x[i] + st.w * (x[i - 1] - 2 * x[i] + x[i + 1]);
        for (int i = 1; i < s->n - 1; i++) x[i] = y[i] * (st.n > 3 ? 1 : 2);
        s->w *= 0.9;
    }
    double sum = 0;
    for (int i = 0; i < s->n; i++) sum += x[i] * (i + 1);
    printf("%.6f %.3f %d\n", sum, s->w, s->n);
    free(x); free(y);
    return 0;
}
