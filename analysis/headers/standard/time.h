#ifndef CHATMPI_TIME_H
#define CHATMPI_TIME_H

#include <stddef.h>

typedef long time_t;
typedef long clock_t;
typedef int clockid_t;

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};

struct tm {
    int tm_sec;
    int tm_min;
    int tm_hour;
    int tm_mday;
    int tm_mon;
    int tm_year;
    int tm_wday;
    int tm_yday;
    int tm_isdst;
    long tm_gmtoff;
    const char *tm_zone;
};

#define CLOCKS_PER_SEC ((clock_t)1000000)
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define CLOCK_MONOTONIC_RAW 4
#define TIME_UTC 1

clock_t clock(void);
time_t time(time_t *to);
double difftime(time_t end, time_t begin);
time_t mktime(struct tm *from);
struct tm *localtime(const time_t *from);
struct tm *localtime_r(const time_t *restrict from, struct tm *restrict to);
struct tm *gmtime(const time_t *from);
struct tm *gmtime_r(const time_t *restrict from, struct tm *restrict to);
char *asctime(const struct tm *from);
char *ctime(const time_t *from);
size_t strftime(char *restrict to, size_t n, const char *restrict format, const struct tm *restrict from);
int timespec_get(struct timespec *to, int base);
int clock_gettime(clockid_t clock, struct timespec *to);
int clock_getres(clockid_t clock, struct timespec *to);
int nanosleep(const struct timespec *wanted, struct timespec *left);

#endif
