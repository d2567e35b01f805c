/* Point operations on a grey image: levels, then a posterised copy. */
#include <stdio.h>

#define HEIGHT 48
#define WIDTH 64

static int image[HEIGHT][WIDTH];
static unsigned char poster[HEIGHT][WIDTH];

#define CLAMP(v, lo, hi) ((v) < (lo) ? (lo) : (v) > (hi) ? (hi) : (v))

int main(void)
{
  int y, x;
  long sum = 0, dark = 0;

  /* test pattern */
  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++)
      image[y][x] = (y * y + 13 * x + (x * y) / 3) % 256;

  /* stretch the levels 32..224 to 0..255 */
  for (y = 0; y < HEIGHT; y++) {
    for (x = 0; x < WIDTH; x++) {
      int v = (image[y][x] - 32) * 255 / 192;
      image[y][x] = CLAMP(v, 0, 255);
    }
  }

  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++)
      poster[y][x] = (unsigned char)(image[y][x] / 64 * 85);

  for (y = 0; y < HEIGHT; y++)
    for (x = 0; x < WIDTH; x++) {
      sum += (long)image[y][x] * (y + 1) + poster[y][x] * (x % 3 + 1);
      if (poster[y][x] == 0) dark++;
    }

  printf("levels %ld\n", sum);
  printf("dark pixels %ld of %d\n", dark, HEIGHT * WIDTH);
  printf("corners %d %d\n", image[0][0], image[HEIGHT - 1][WIDTH - 1]);
  return 0;
}
