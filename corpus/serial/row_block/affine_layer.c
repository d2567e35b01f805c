/* A fully connected layer, out = relu(in W + b), for a batch of inputs. */
#include <stdio.h>
#include <stdlib.h>

#define BATCH 64
#define IN 24
#define OUT 16

static float weight[IN][OUT];
static float bias[OUT];

int main(void)
{
  float *in = malloc(BATCH * IN * sizeof(float));
  float *out = malloc(BATCH * OUT * sizeof(float));

  for (int k = 0; k < IN; k++)
    for (int o = 0; o < OUT; o++)
      weight[k][o] = 0.05f * ((k * 7 + o * 3) % 11 - 4);
  for (int o = 0; o < OUT; o++)
    bias[o] = 0.1f * o - 0.3f;

  for (int s = 0; s < BATCH; s++)
    for (int k = 0; k < IN; k++)
      in[s * IN + k] = 0.01f * ((s * 5 + k) % 50);

  for (int s = 0; s < BATCH; s++) {
    for (int o = 0; o < OUT; o++) {
      float z = bias[o];
      for (int k = 0; k < IN; k++)
        z += in[s * IN + k] * weight[k][o];
      out[s * OUT + o] = z > 0.0f ? z : 0.0f;
    }
  }

  int active = 0;
  float strongest = 0.0f;
  for (int s = 0; s < BATCH; s++)
    for (int o = 0; o < OUT; o++) {
      if (out[s * OUT + o] > 0.0f)
        active += 1 + s % 3;
      if (out[s * OUT + o] > strongest)
        strongest = out[s * OUT + o];
    }
  printf("active %d\n", active);
  printf("strongest %.9g\n", strongest);
  printf("last sample %.9g %.9g\n", out[(BATCH - 1) * OUT], out[(BATCH - 1) * OUT + OUT - 1]);

  free(in);
  free(out);
  return 0;
}
