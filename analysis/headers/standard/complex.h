#ifndef CHATMPI_COMPLEX_H
#define CHATMPI_COMPLEX_H

#define complex _Complex
#define _Complex_I (__extension__ 1.0iF)
#define I _Complex_I

double complex cacos(double complex z);
double complex casin(double complex z);
double complex catan(double complex z);
double complex ccos(double complex z);
double complex csin(double complex z);
double complex ctan(double complex z);
double complex ccosh(double complex z);
double complex csinh(double complex z);
double complex ctanh(double complex z);
double complex cexp(double complex z);
double complex clog(double complex z);
double complex cpow(double complex z, double complex w);
double complex csqrt(double complex z);
double complex conj(double complex z);
double complex cproj(double complex z);
double cabs(double complex z);
double carg(double complex z);
double cimag(double complex z);
double creal(double complex z);
float complex cexpf(float complex z);
float complex csqrtf(float complex z);
float complex conjf(float complex z);
float cabsf(float complex z);
float cargf(float complex z);
float cimagf(float complex z);
float crealf(float complex z);

#endif
