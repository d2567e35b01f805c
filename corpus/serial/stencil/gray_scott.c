/* Gray-Scott reaction and diffusion: two fields, two buffers each, closed borders by tests in the loop. */
#include <stdio.h>
#include <stdlib.h>

#define SIZE 48
#define AT(i, j) ((i) * n + (j))

static double react(double a, double b) { return a * b * b; }

int main(int argc, char **argv)
{
    int n = SIZE, steps = 20;
    if (argc > 1)
        steps = atoi(argv[1]);

    double *a = malloc(n * n * sizeof *a), *an = malloc(n * n * sizeof *an);
    double *b = malloc(n * n * sizeof *b), *bn = malloc(n * n * sizeof *bn);

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int inside = 3 * i > n && 3 * i < 2 * n && 3 * j > n && 3 * j < 2 * n;
            a[AT(i, j)] = inside ? 0.5 : 1.0;
            b[AT(i, j)] = inside ? 0.25 + 0.01 * ((i + 2 * j) % 5) : 0.0;
        }

    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                double la = 0.0, lb = 0.0;
                if (i > 0) {
                    la += a[AT(i - 1, j)] - a[AT(i, j)];
                    lb += b[AT(i - 1, j)] - b[AT(i, j)];
                }
                if (i < n - 1) {
                    la += a[AT(i + 1, j)] - a[AT(i, j)];
                    lb += b[AT(i + 1, j)] - b[AT(i, j)];
                }
                if (j > 0) {
                    la += a[AT(i, j - 1)] - a[AT(i, j)];
                    lb += b[AT(i, j - 1)] - b[AT(i, j)];
                }
                if (j < n - 1) {
                    la += a[AT(i, j + 1)] - a[AT(i, j)];
                    lb += b[AT(i, j + 1)] - b[AT(i, j)];
                }
                double r = react(a[AT(i, j)], b[AT(i, j)]);
                an[AT(i, j)] = a[AT(i, j)] + 0.16 * la - r + 0.035 * (1.0 - a[AT(i, j)]);
                bn[AT(i, j)] = b[AT(i, j)] + 0.08 * lb + r - 0.1 * b[AT(i, j)];
            }
        double *s = a; a = an; an = s;
        s = b; b = bn; bn = s;
    }

    double sa = 0.0, sb = 0.0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            sa += a[AT(i, j)] * (1 + i % 4);
            sb += b[AT(i, j)] * (1 + j % 4);
        }
    printf("a %.14e\nb %.14e\ncentre %.17g\n", sa, sb, b[AT(n / 2, n / 2)]);
    free(a); free(an); free(b); free(bn);
    return 0;
}
