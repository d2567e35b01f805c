// Heat on a rod with several boundary conditions
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 240, STEPS = 120 };

typedef void (*bc_fn)(double *u, int n);
typedef struct {
    char const *label;
    bc_fn apply;
    double alpha;
} boundary_t;

static void dirichlet(double *u, int n) { u[0] = 1.0; u[n - 1] = 0.0; }
static void neumann(double *u, int n) { u[0] = u[1]; u[n - 1] = u[n - 2]; }
static void periodic(double *u, int n) { u[0] = u[n - 2]; u[n - 1] = u[1]; }
static void robin(double *u, int n) { u[0] = 0.5 * (u[1] + 1.0); u[n - 1] = 0.9 * u[n - 2]; }

static const boundary_t conditions[] = {
    { "dirichlet", dirichlet, 0.25 },
    { "neumann", neumann, 0.4 },
    { "periodic", periodic, 0.4 },
    { "robin", robin, 0.3 },
};

static double u[N], v[N];

static void advance(bc_fn apply, double alpha)
{
    for (int i = 1; i < N - 1; i++)
        v[i] = u[i] + alpha * (u[i - 1] - 2.0 * u[i] + u[i + 1]);
    for (int i = 1; i < N - 1; i++)
        u[i] = v[i];
    apply(u, N);
}

int main(void)
{
    const boundary_t *p;
    for (p = conditions; p < conditions + 4; p++) {
        for (int i = 0; i < N; i++)
            u[i] = exp(-0.001 * (i - 100.0) * (i - 100.0));
        for (int t = 0; t < STEPS; t++)
            advance(p->apply, p->alpha);
        double sum = 0.0, top = 0.0;
        for (int i = 0; i < N; i++) {
            sum += u[i];
            if (u[i] > top) top = u[i];
        }
        printf("%10s: heat %.8f max %.8f\n", p->label, sum / N, top);
    }
    return 0;
}
