/*
 * Three more of the level-1 BLAS: SCAL, COPY and SWAP.
 */
#include <stdio.h>

#define N 777

double x[N], y[N], z[N];

int main()
{
	int i;
	double t, alpha;
	double cx, cy, cz;

	alpha = 1.25;
	for (i = 0; i < N; i++)
	{
		x[i] = i + 1;
		y[i] = 1.0 / (i + 2.0);
	}

	/* COPY: z <- x */
	for (i = 0; i < N; i++)
		z[i] = x[i];

	/* SCAL: x <- alpha x */
	for (i = 0; i < N; i++)
		x[i] = alpha * x[i];

	/* SWAP: x <-> y */
	for (i = 0; i < N; i++)
	{
		t = x[i];
		x[i] = y[i];
		y[i] = t;
	}

	cx = cy = cz = 0.0;
	for (i = 0; i < N; i++)
	{
		cx += x[i] * (i + 1);
		cy += y[i] * (i % 5 + 1);
		cz = cz + z[i] * (i % 3 + 1);
	}
	printf("%.15g %.15g %.15g\n", cx, cy, cz);
	return 0;
}
