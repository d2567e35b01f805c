/* A struct whose arrays a helper function makes, at a size that is a number; printed by a helper, to several streams. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
typedef struct { int n; double *x; double *y; } State;
static void report(const State *s, FILE *out, int every)
{
    for (int i = 0; i < s->n; i++)
        if (i % every == 0)
            fprintf(out, "%5d %12.6e %12.6e\n", i, s->x[i], s->y[i]);
    fprintf(out, "----\n");
}
static void init(State *s, int n)
{
    s->n = n;
    s->x = malloc(n * sizeof(double));
    s->y = malloc(n * sizeof(double));
    for (int i = 0; i < n; i++) { s->x[i] = cos(0.01 * i); s->y[i] = 0; }
}
static void step(State *s, double dt)
{
    for (int i = 1; i < s->n - 1; i++)
        s->y[i] = s->x[i] + dt * (s->x[i - 1] - 2 * s->x[i] + s->x[i + 1]);
    for (int i = 1; i < s->n - 1; i++)
        s->x[i] = s->y[i];
}
int main(void)
{
    State s;
    init(&s, 40);
    for (int t = 0; t < 11; t++) {
        step(&s, 0.1);
        if (t % 10 == 0) report(&s, stdout, 7);
    }
    FILE *f = fopen("final.txt", "w");
    if (f) { report(&s, f, 1); fclose(f); }
    report(&s, stderr, 50);
    free(s.x); free(s.y);
    return 0;
}
