#ifndef CHATMPI_UNISTD_H
#define CHATMPI_UNISTD_H

#include <stddef.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

extern char *optarg;
extern int optind, opterr, optopt;

int getopt(int argc, char *const argv[], const char *options);
int getpid(void);
int gethostname(char *name, size_t n);
int isatty(int descriptor);
unsigned int sleep(unsigned int seconds);
int usleep(unsigned int microseconds);
int close(int descriptor);
int unlink(const char *name);
int access(const char *name, int mode);
long sysconf(int name);

#endif
