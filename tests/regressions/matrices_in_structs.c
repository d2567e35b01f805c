/* Matrices in structs that helper functions make, fill and multiply. */
#define N 13
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
typedef struct { int rows, cols; double *data; } matrix;
static matrix make(int r, int c)
{
    matrix m;
    m.rows = r;
    m.cols = c;
    m.data = malloc((size_t)r * c * sizeof(double));
    return m;
}
static void fill(matrix *m)
{
    for (int i = 0; i < m->rows; i++)
        for (int j = 0; j < m->cols; j++)
            m->data[i * m->cols + j] = 1.0 / (i + j + 1);
}
static void mul(const matrix *a, const matrix *b, matrix *c)
{
    for (int i = 0; i < a->rows; i++)
        for (int j = 0; j < b->cols; j++) {
            double s = 0;
            for (int k = 0; k < a->cols; k++)
                s += a->data[i * a->cols + k] * b->data[k * b->cols + j];
            c->data[i * c->cols + j] = s;
        }
}
int main(void)
{
    matrix a = make(N, N), b = make(N, N), c = make(N, N);
    fill(&a);
    fill(&b);
    mul(&a, &b, &c);
    double t = 0;
    for (int i = 0; i < c.rows * c.cols; i++)
        t += c.data[i];
    printf("%.10f\n", t);
    free(a.data); free(b.data); free(c.data);
    return 0;
}
