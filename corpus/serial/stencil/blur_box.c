/* Repeated 3 x 3 box filter on an image; the frame of the image is kept. */
#include <stdio.h>
#include <stdlib.h>

#define H 45
#define W 33
#define P(img, y, x) img[(y) * W + (x)]

int main(void)
{
    float *a = malloc(H * W * sizeof(float));
    float *b = malloc(H * W * sizeof(float));
    int x, y, pass;

    for (y = 0; y < H; y++)
        for (x = 0; x < W; x++) {
            P(a, y, x) = (float)((y * 11 + x * 5) % 64);
            P(b, y, x) = P(a, y, x);
        }

    for (pass = 0; pass < 4; pass++) {
        for (y = 1; y < H - 1; y++)
            for (x = 1; x < W - 1; x++)
                P(b, y, x) = (P(a, y - 1, x - 1) + P(a, y - 1, x) + P(a, y - 1, x + 1)
                            + P(a, y,     x - 1) + P(a, y,     x) + P(a, y,     x + 1)
                            + P(a, y + 1, x - 1) + P(a, y + 1, x) + P(a, y + 1, x + 1)) / 9.0f;
        for (y = 1; y < H - 1; y++)
            for (x = 1; x < W - 1; x++)
                P(a, y, x) = P(b, y, x);
    }

    float brightest = 0.0f;
    int above = 0;
    for (y = 0; y < H; y++)
        for (x = 0; x < W; x++) {
            if (P(a, y, x) > brightest)
                brightest = P(a, y, x);
            if (P(a, y, x) > 31.5f)
                above += y + 2 * x;
        }
    printf("brightest %.9g, above the middle %d\n", brightest, above);
    printf("%.9g %.9g\n", P(a, H / 2, W / 2), P(a, H / 2, 1));
    free(a);
    free(b);
    return 0;
}
