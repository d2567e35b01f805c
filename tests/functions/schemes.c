#include <stdio.h>
#include <stddef.h>
#include <math.h>
#define N 360
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
typedef double (*flux_fn)(double, double);
typedef struct { const char *name; struct { int order; double cfl; } num; flux_fn flux; double (*source)(double); } Scheme;
static double upwind(double a, double b) { (void)b; return 0.5 * a * a; }
static double rusanov(double a, double b) { return 0.25 * (a * a + b * b) - 0.5 * fmax(fabs(a), fabs(b)) * (b - a); }
static double damp(double u) { return -0.1 * u; }
static const Scheme schemes[] = {
    { "upwind", { 1, 0.4 }, upwind, NULL },
    { "rusanov", { 1, 0.3 }, rusanov, damp },
};
static double u[N + 1], f[N + 1];
static void start(void) { for (int i = 0; i <= N; i++) u[i] = i < N / 3 ? 1.0 : 0.25; }
static void advance(const Scheme *s, int steps)
{
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < N; i++) f[i] = s->flux(u[i], u[i + 1]);
        for (int i = 1; i < N; i++) {
            u[i] -= s->num.cfl * (f[i] - f[i - 1]);
            if (s->source) u[i] += 0.01 * s->source(u[i]);
        }
    }
}
int main(void)
{
    double m;
    for (size_t k = 0; k < ARRAY_LEN(schemes); k++) {
        start();
        for (int t = 0; t < 30; t++) {
            for (int i = 0; i < N; i++) f[i] = schemes[k].flux(u[i], u[i + 1]);
            for (int i = 1; i < N; i++) u[i] -= schemes[k].num.cfl * (f[i] - f[i - 1]);
        }
        m = 0;
        for (int i = 0; i <= N; i++) m += u[i];
        printf("%s %d %.10f\n", schemes[k].name, schemes[k].num.order, m);
    }
    for (const Scheme *p = schemes; p != schemes + ARRAY_LEN(schemes); ++p) {
        start();
        advance(p, 20);
        m = 0;
        for (int i = 0; i <= N; i++) m += u[i] * u[i];
        printf("%s: %.10f\n", p->name, m);
    }
    return 0;
}
