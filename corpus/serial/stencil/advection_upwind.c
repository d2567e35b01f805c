// Linear advection to the right, first-order upwind: a one-sided stencil.  usage: advection_upwind [cells]
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

int main(int argc, char **argv)
{
  int cells = 300;
  if (argc > 1) cells = atoi(argv[1]);
  if (cells < 1) {
    fprintf(stderr, "need at least one cell\n");
    return 1;
  }
  const int steps = 120;
  const double courant = 0.7;

  double *q = malloc(cells * sizeof(double));
  double *qn = malloc(cells * sizeof(double));
  for (int i = 0; i < cells; i++) {
    double x = (i + 0.5) / cells - 0.3;
    q[i] = 1.0 + exp(-80.0 * x * x);
  }

  for (int step = 1; step <= steps; step++) {
    qn[0] = 1.0 + 0.01 * step;                       // inflow
    for (int i = 1; i < cells; i++)
      qn[i] = q[i] - courant * (q[i] - q[i - 1]);
    double *swap = q;
    q = qn;
    qn = swap;
  }

  double mass = 0.0, moment = 0.0, peak = 0.0;
  for (int i = 0; i < cells; i++) {
    mass += q[i];
    moment += q[i] * (i + 0.5);
    if (q[i] > peak) peak = q[i];
  }
  printf("mass %.14e moment %.14e peak %.16e\n", mass, moment, peak);
  printf("outflow %.17g\n", q[cells - 1]);
  free(q);
  free(qn);
  return 0;
}
