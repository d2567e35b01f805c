#ifndef CHATMPI_ERRNO_H
#define CHATMPI_ERRNO_H

extern int *__errno_location(void);
#define errno (*__errno_location())

#define ENOENT 2
#define EINTR 4
#define EIO 5
#define ENOMEM 12
#define EACCES 13
#define EEXIST 17
#define EINVAL 22
#define EDOM 33
#define ERANGE 34

#endif
