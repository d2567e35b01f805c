/* heat equation on a grid kept in a struct */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

typedef struct {
    int nx, ny;
    double dx, dt;
    double *u, *unew;
} Grid;

static double *alloc_field(int n)
{
    double *p = malloc(n * sizeof(double));
    if (p == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return p;
}

static void setup(Grid *g, int nx, int ny)
{
    g->nx = nx;
    g->ny = ny;
    g->dx = 1.0 / (nx - 1);
    g->dt = 0.1 * g->dx * g->dx;
    g->u = alloc_field(nx * ny);
    g->unew = alloc_field(nx * ny);
}

static void initialise(Grid *g)
{
    for (int i = 0; i < g->nx; i++)
        for (int j = 0; j < g->ny; j++) {
            double x = i * g->dx, y = j * g->dx;
            g->u[i * g->ny + j] = x * (1 - x) * y;
        }
}

static void step(Grid *g)
{
    const double r = g->dt / (g->dx * g->dx);
    for (int i = 1; i < g->nx - 1; i++)
        for (int j = 1; j < g->ny - 1; j++)
            g->unew[i * g->ny + j] = g->u[i * g->ny + j]
                + r * (g->u[(i - 1) * g->ny + j] + g->u[(i + 1) * g->ny + j] + g->u[i * g->ny + j - 1]
                       + g->u[i * g->ny + j + 1] - 4 * g->u[i * g->ny + j]);
    for (int i = 1; i < g->nx - 1; i++)
        for (int j = 1; j < g->ny - 1; j++)
            g->u[i * g->ny + j] = g->unew[i * g->ny + j];
}

static double total(const Grid *g)
{
    double s = 0;
    for (int i = 0; i < g->nx; i++)
        for (int j = 0; j < g->ny; j++)
            s += g->u[i * g->ny + j];
    return s;
}

static void extremes(const double *x, int n, double *lo, double *hi)
{
    *lo = x[0];
    *hi = x[0];
    for (int i = 1; i < n; i++) {
        if (x[i] < *lo)
            *lo = x[i];
        if (x[i] > *hi)
            *hi = x[i];
    }
}

int main(int argc, char **argv)
{
    Grid g;
    double lo, hi;
    int n = argc > 1 ? atoi(argv[1]) : 19;
    setup(&g, n, n + 3);
    initialise(&g);
    for (int t = 0; t < 9; t++)
        step(&g);
    extremes(g.u, g.nx * g.ny, &lo, &hi);
    printf("total %.10f min %g max %g\n", total(&g), lo, hi);
    free(g.u);
    free(g.unew);
    return 0;
}
