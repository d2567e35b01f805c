/* A chain of single-precision vector updates, as they occur between two matrix products of a solver. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
  const int n = 96;
  float alpha = 0.75f, beta = 0.5f, gamma = 0.125f;

  float *p = (float *)calloc(n, sizeof(float));
  float *q = (float *)calloc(n, sizeof(float));
  float *r = (float *)calloc(n, sizeof(float));

  for (int k = 0; k < n; ++k) {
    p[k] = 1.0f + 0.01f * (k % 13);
    q[k] = 2.0f - 0.02f * (k % 11);
  }

  for (int k = 0; k < n; ++k) r[k] = alpha * p[k] + r[k];   /* r += alpha p */
  for (int k = 0; k < n; ++k) r[k] = beta * q[k] + r[k];    /* r += beta q */
  for (int k = 0; k < n; ++k) q[k] = r[k] + gamma * q[k];   /* q = r + gamma q */
  for (int k = 0; k < n; ++k) {
    p[k] *= 0.5f;
    p[k] += q[k];
  }

  float sp = 0.0f;
  double sq = 0.0;
  for (int k = 0; k < n; ++k) {
    sp += p[k] * (1 + k % 4);
    sq += (double)q[k] * (k + 1);
  }
  printf("p: %.7g  q: %.12g\n", sp, sq);

  free(p); free(q); free(r);
  return 0;
}
