/* Many oscillators integrated by methods that are chosen from a table */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

struct problem {
    const char *title;
    double (*rhs)(double t, double y);
    double (*start)(int i, int n);
    int steps;
};

static double decay(double t, double y) { (void)t; return -y; }
static double logistic(double t, double y) { (void)t; return y * (1.0 - y); }
static double forced(double t, double y) { return cos(t) - 0.5 * y; }
static double ramp(int i, int n) { return (double)i / n; }
static double flat(int i, int n) { (void)n; return 0.5 + 0.001 * (i % 7); }

static struct problem const problems[3] = {
    { "decay", decay, ramp, 30 },
    { "logistic", logistic, flat, 40 },
    { "forced", forced, ramp, 20 },
};

static void solve(const struct problem *p, int n, double dt, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = p->start(i, n);
    for (int s = 0; s < p->steps; s++) {
        double t = s * dt;
        for (int i = 0; i < n; i++) {
            double k1 = p->rhs(t, y[i]);
            double k2 = p->rhs(t + 0.5 * dt, y[i] + 0.5 * dt * k1);
            y[i] += dt * k2;
        }
    }
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 500;
    double *y = malloc(n * sizeof *y);
    if (y == NULL) return 1;
    for (unsigned int k = 0; k < sizeof(problems) / sizeof(problems[0]); ++k) {
        solve(&problems[k], n, 0.05, y);
        double mean = 0.0;
        for (int i = 0; i < n; i++)
            mean += y[i];
        printf("%s: mean %.9f first %.9f last %.9f\n", problems[k].title, mean / n, y[0], y[n - 1]);
    }
    free(y);
    return 0;
}
