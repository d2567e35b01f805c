/* Sharpen an image; beyond a border the border's own pixels are taken. */
#include <stdio.h>
#include <stdlib.h>

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

int main(int argc, char **argv)
{
    const int height = argc > 1 ? atoi(argv[1]) : 48;
    const int width = 56;
    int *in = malloc((size_t)height * width * sizeof(int));
    int *out = malloc((size_t)height * width * sizeof(int));

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            in[y * width + x] = (y * 11 + x * 17 + y * x) % 256;

    for (int y = 0; y < height; y++) {
        int up = y > 0 ? y - 1 : 0;
        int down = y < height - 1 ? y + 1 : height - 1;
        for (int x = 0; x < width; x++) {
            int left = x > 0 ? x - 1 : 0;
            int right = x < width - 1 ? x + 1 : width - 1;
            int sharp = 5 * in[y * width + x] - in[up * width + x] - in[down * width + x] - in[y * width + left]
                      - in[y * width + right];
            out[y * width + x] = clamp(sharp, 0, 255);
        }
    }

    long sum = 0;
    int white = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            sum += out[y * width + x];
            white += out[y * width + x] == 255;
        }
    printf("sum %ld white %d\n", sum, white);
    free(in);
    free(out);
    return 0;
}
