/* BiCGSTAB for convection and diffusion along a line. */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#define N 300

static double x[N], r[N], shadow[N], p[N], v[N], s[N], t[N];

int main(void)
{
    double rho = 1.0, alpha = 1.0, omega = 1.0, sum = 0.0;
    int i, it;

    for (i = 0; i < N; i++) {
        x[i] = p[i] = v[i] = 0.0;
        r[i] = 1.0 + i % 3;
        shadow[i] = r[i];
    }

    for (it = 0; it < 12; it++) {
        double rho_new = 0.0, sv = 0.0, ts = 0.0, tt = 0.0, rr = 0.0;
        for (i = 0; i < N; i++)
            rho_new += shadow[i] * r[i];
        double beta = rho_new / rho * alpha / omega;
        rho = rho_new;
        for (i = 0; i < N; i++)
            p[i] = r[i] + beta * (p[i] - omega * v[i]);
        for (i = 0; i < N; i++) {
            v[i] = 4.0 * p[i];
            if (i > 0)
                v[i] -= 1.4 * p[i - 1];
            if (i + 1 < N)
                v[i] -= 0.6 * p[i + 1];
        }
        for (i = 0; i < N; i++)
            sv += shadow[i] * v[i];
        alpha = rho / sv;
        for (i = 0; i < N; i++)
            s[i] = r[i] - alpha * v[i];
        for (i = 0; i < N; i++) {
            t[i] = 4.0 * s[i];
            if (i > 0)
                t[i] -= 1.4 * s[i - 1];
            if (i + 1 < N)
                t[i] -= 0.6 * s[i + 1];
        }
        for (i = 0; i < N; i++) {
            ts += t[i] * s[i];
            tt += t[i] * t[i];
        }
        omega = tt > 0.0 ? ts / tt : 0.0;
        for (i = 0; i < N; i++) {
            x[i] += alpha * p[i] + omega * s[i];
            r[i] = s[i] - omega * t[i];
            rr += r[i] * r[i];
        }
        if (rr < 1e-12)
            break;
    }

    for (i = 0; i < N; i++)
        sum += x[i];
    printf("%s sum %.6e\n", it < 12 ? "converged" : "stopped", sum);
    return 0;
}
