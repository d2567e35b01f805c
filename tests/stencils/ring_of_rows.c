/* advection on a ring and diffusion on a torus, malloc'd */
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    int n = 41 - 1 + argc, m = 17, steps = 12;
    double *u = malloc(n * m * sizeof(double));
    double *w = malloc((size_t)n * m * sizeof(double));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            u[i * m + j] = ((i * 13 + j * 5) % 17) / 17.0;
            w[i * m + j] = 0.0;
        }
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < n; i++) {
            int im = (i == 0) ? n - 1 : i - 1;
            int ip = i < n - 1 ? i + 1 : 0;
            for (int j = 0; j < m; j++) {
                int jm = j - 1, jp = j + 1;
                if (jm < 0)
                    jm += m;
                if (jp >= m)
                    jp -= m;
                w[i * m + j] = u[i * m + j] + 0.1 * (u[im * m + j] + u[ip * m + j] + u[i * m + jm] + u[i * m + jp]
                    - 4 * u[i * m + j]) + 0.01 * u[((i + 1) % n) * m + (j + 1) % m];
            }
        }
        double *s = u; u = w; w = s;
    }
    double total = 0, top = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            total += u[i * m + j];
            if (u[i * m + j] > top)
                top = u[i * m + j];
        }
    printf("%.10f %.10f %.10f\n", total, top, u[0]);
    free(u);
    free(w);
    return 0;
}
