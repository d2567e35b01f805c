/* Arrays of a structure, printed in a loop of main and in one of a function. */
#include <stdio.h>
enum { N = 23, K = 4 };
struct points { float x[N]; int label[N]; };
static struct points P;

static void show(const struct points *p)
{
    for (int i = 0; i < N; i++)
        printf("%g%c", p->x[i], i % 8 == 7 ? '\n' : ' ');
    printf("\n");
}

int main(void)
{
    int count[K] = {0};
    for (int i = 0; i < N; i++)
        P.x[i] = (float)(i % 11);
    for (int t = 0; t < 400; t++)
        for (int i = 0; i < N; i++)
            P.x[i] = 0.5f * P.x[i] + (float)(t % 3);
    for (int i = 0; i < N; i++) {
        int l = (int)P.x[i] % K;
        P.label[i] = l;
        count[l]++;
    }
    for (int i = 0; i < N; i++)
        printf("%d", P.label[i]);
    printf(" %d %d\n", count[0], count[K - 1]);
    show(&P);
    return 0;
}
