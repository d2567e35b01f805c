#include <stdio.h>
#include <stdlib.h>
struct Config { int nx, ny, steps; double dt; };
int main(void) {
    struct Config cfg;
    cfg.nx = 14; cfg.ny = 9; cfg.steps = 3; cfg.dt = 0.1;
    double *u = malloc(cfg.nx * cfg.ny * sizeof(double));
    double *v = malloc(cfg.nx * cfg.ny * sizeof(double));
    for (int i = 0; i < cfg.nx; i++)
        for (int j = 0; j < cfg.ny; j++) {
            u[i * cfg.ny + j] = i + 0.5 * j;
            v[i * cfg.ny + j] = 0.0;
        }
    for (int t = 0; t < cfg.steps; t++) {
        for (int i = 1; i < cfg.nx - 1; i++)
            for (int j = 1; j < cfg.ny - 1; j++)
                v[i * cfg.ny + j] = u[i * cfg.ny + j] + cfg.dt * (u[(i - 1) * cfg.ny + j] + u[(i + 1) * cfg.ny + j] - 2 * u[i * cfg.ny + j]);
        for (int i = 1; i < cfg.nx - 1; i++)
            for (int j = 1; j < cfg.ny - 1; j++)
                u[i * cfg.ny + j] = v[i * cfg.ny + j];
    }
    double s = 0;
    for (int i = 0; i < cfg.nx; i++)
        for (int j = 0; j < cfg.ny; j++)
            s += u[i * cfg.ny + j];
    printf("%.10g\n", s);
    free(u); free(v);
    return 0;
}
