#include <stdio.h>
#include <stdlib.h>

static void usage(void) {
  fprintf(stderr, "usage: program n\n");
  exit(2);
}

int main(int argc, char **argv) {
  if (argc < 2)
    usage();
  int n = atoi(argv[1]);
  int *count = malloc(n * sizeof *count);
  if (!count) {
    fprintf(stderr, "no memory\n");
    return 1;
  }
  long all = 0;
  for (int i = 0; i < n; i++) count[i] = i % 3;
  for (int i = 0; i < n; i++) all += count[i];
  if (all == 0) return 3;
  printf("%ld\n", all);
  return 0;
}
