#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define NX 33
#define NY 21

typedef double grid[NX][NY];
static double u[NX][NY], v[NX][NY];

void init(double a[NX][NY]);
void set_boundaries(double a[NX][NY], double top);
double sweep(double a[NX][NY], double b[NX][NY]);
void copy(double dst[NX][NY], double src[NX][NY]);

static int idx(int i, int j) { return i * NY + j; }

int main(int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 50;
    double err = 1.0;
    double *w = malloc(NX * NY * sizeof(double));
    init(u);
    set_boundaries(u, 1.0);
    set_boundaries(v, 1.0);
    for (int t = 0; t < steps && err > 1e-9; t++) {
        err = sweep(u, v);
        copy(u, v);
    }
    for (int i = 0; i < NX; i++)
        for (int j = 0; j < NY; j++)
            w[idx(i, j)] = 2 * u[i][j];
    double s = 0;
    for (int i = 1; i < NX; i++)
        for (int j = 0; j < NY; j++)
            s += w[idx(i, j)] - w[idx(i - 1, j)];
    printf("%.12e %.12e\n", err, s);
    free(w);
    return 0;
}

void init(double a[NX][NY])
{
    int i, j;
    for (i = 0; i < NX; i++)
        for (j = 0; j < NY; j++)
            a[i][j] = 0.01 * (i + j);
}

void set_boundaries(double a[NX][NY], double top)
{
    for (int j = 0; j < NY; j++) {
        a[0][j] = top;
        a[NX - 1][j] = 0;
    }
    for (int i = 0; i < NX; i++)
        a[i][0] = a[i][NY - 1] = 0.5;
}

double sweep(double a[NX][NY], double b[NX][NY])
{
    double worst = 0;
    for (int i = 1; i < NX - 1; i++)
        for (int j = 1; j < NY - 1; j++) {
            b[i][j] = 0.25 * (a[i - 1][j] + a[i + 1][j] + a[i][j - 1] + a[i][j + 1]);
            double d = fabs(b[i][j] - a[i][j]);
            if (d > worst)
                worst = d;
        }
    return worst;
}

void copy(double dst[NX][NY], double src[NX][NY])
{
    for (int i = 1; i < NX - 1; i++)
        for (int j = 1; j < NY - 1; j++)
            dst[i][j] = src[i][j];
}
