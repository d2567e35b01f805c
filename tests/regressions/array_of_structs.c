/* Bodies that attract each other, in an array of structs: helper functions get the array or one body of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N 17

typedef struct { double x, y; } vec;
typedef struct {
    vec pos, vel, acc;
    double mass;
} body;

static void accelerate(body *b, int n);

static void push(body *p, double dt)
{
    p->vel.x += dt * p->acc.x;
    p->vel.y += dt * p->acc.y;
    p->pos.x += dt * p->vel.x;
    p->pos.y += dt * p->vel.y;
}

static double energy(const body *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += 0.5 * b[i].mass * (b[i].vel.x * b[i].vel.x + b[i].vel.y * b[i].vel.y);
    return sum;
}

int main(void)
{
    body *b = (body *)malloc(N * sizeof(body));
    if (b == NULL)
        return 1;
    for (int i = 0; i < N; i++) {
        vec start = {cos(0.7 * i), sin(0.7 * i)};
        b[i].pos = start;
        b[i].vel.x = -start.y;
        b[i].vel.y = start.x;
        b[i].mass = 1.0 / N;
    }
    for (int step = 0; step < 3; step++) {
        accelerate(b, N);
        for (int i = 0; i < N; i++)
            push(&b[i], 0.01);
    }
    printf("%.12f\n", energy(b, N));
    for (int i = 0; i < N; i += 4)
        printf("%d %.12f %.12f\n", i, b[i].pos.x, b[i].pos.y);
    free(b);
    return 0;
}

static void accelerate(body *b, int n)
{
    for (int i = 0; i < n; i++) {
        vec a = {0.0, 0.0};
        for (int j = 0; j < n; j++) {
            double dx = b[j].pos.x - b[i].pos.x, dy = b[j].pos.y - b[i].pos.y;
            double r2 = dx * dx + dy * dy + 0.05;
            a.x += b[j].mass * dx / (r2 * sqrt(r2));
            a.y += b[j].mass * dy / (r2 * sqrt(r2));
        }
        b[i].acc = a;
    }
}
