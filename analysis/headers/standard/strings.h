#ifndef CHATMPI_STRINGS_H
#define CHATMPI_STRINGS_H

#include <string.h>

void bcopy(const void *from, void *to, size_t n);
void bzero(void *to, size_t n);
int ffs(int value);

#endif
