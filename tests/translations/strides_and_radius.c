#include <stdio.h>
#define N 200
#define R 2

static float in[N], out[N];

int main(void) {
  const float w[2 * R + 1] = {0.1f, 0.2f, 0.4f, 0.2f, 0.1f};
  for (int i = 0; i < N; i += 2) in[i] = 1;
  for (int i = N - 1; i >= 0; i--) in[i] += 0.5f;
  for (int i = R; i < N - R; i++) {
    float s = 0;
    for (int k = -R; k <= R; k++) s += w[k + R] * in[i + k];
    out[i] = s;
  }
  float top = 0;
  for (int i = 0; i < N; i++) top = out[i] > top ? out[i] : top;
  printf("%g\n", top);
  return 0;
}
