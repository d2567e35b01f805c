/* A rod with insulated ends: the loop runs over all points and looks whether there is a neighbour. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	int n = 150;
	int i, step;
	double *temp = malloc(n * sizeof(double));
	double *flux = malloc(n * sizeof(double));

	for (i = 0; i < n; i++)
		temp[i] = i < n / 3 ? 90.0 : 15.0 + 0.1 * i;

	for (step = 0; step < 60; step++) {
		for (i = 0; i < n; i++) {
			double left = (i > 0) ? temp[i - 1] : temp[i];
			double right = (i < n - 1) ? temp[i + 1] : temp[i];
			flux[i] = left + right - 2.0 * temp[i];
		}
		for (i = 0; i < n; i++) {
			temp[i] += 0.3 * flux[i];
			/* a cooling fin on every tenth point */
			if (i % 10 == 5)
				temp[i] -= 0.01 * (temp[i] - 15.0);
		}
	}

	double energy = 0, hottest = temp[0], coldest = temp[0];
	for (i = 0; i < n; i++) {
		energy += temp[i];
		if (temp[i] > hottest)
			hottest = temp[i];
		if (temp[i] < coldest)
			coldest = temp[i];
	}
	printf("energy %.14e\n", energy);
	printf("between %.17g and %.17g\n", coldest, hottest);
	printf("ends %.17g %.17g\n", temp[0], temp[n - 1]);

	free(temp);
	free(flux);
	return EXIT_SUCCESS;
}
