/* SPDX-License-Identifier: MIT */
#include "errno_name.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
#define NAME(number) {number, #number}

/* The errors of POSIX.1-2017, <errno.h>, and those that Linux or edo has besides. */
static const struct {
    int number;
    const char *name;
} names[] = {
    NAME(E2BIG), NAME(EACCES), NAME(EADDRINUSE), NAME(EADDRNOTAVAIL), NAME(EAFNOSUPPORT),
    NAME(EAGAIN), NAME(EALREADY), NAME(EBADF), NAME(EBADMSG), NAME(EBUSY), NAME(ECANCELED),
    NAME(ECHILD), NAME(ECONNABORTED), NAME(ECONNREFUSED), NAME(ECONNRESET), NAME(EDEADLK),
    NAME(EDESTADDRREQ), NAME(EDOM), NAME(EDQUOT), NAME(EEXIST), NAME(EFAULT), NAME(EFBIG),
    NAME(EHOSTDOWN), NAME(EHOSTUNREACH), NAME(EIDRM), NAME(EILSEQ), NAME(EINPROGRESS), NAME(EINTR),
    NAME(EINVAL), NAME(EIO), NAME(EISCONN), NAME(EISDIR), NAME(ELOOP), NAME(EMFILE), NAME(EMLINK),
    NAME(EMSGSIZE), NAME(EMULTIHOP), NAME(ENAMETOOLONG), NAME(ENETDOWN), NAME(ENETRESET),
    NAME(ENETUNREACH), NAME(ENFILE), NAME(ENOBUFS), NAME(ENODATA), NAME(ENODEV), NAME(ENOENT),
    NAME(ENOEXEC), NAME(ENOLCK), NAME(ENOLINK), NAME(ENOMEM), NAME(ENOMSG), NAME(ENOPROTOOPT),
    NAME(ENOSPC), NAME(ENOSYS), NAME(ENOTCONN), NAME(ENOTDIR), NAME(ENOTEMPTY),
    NAME(ENOTRECOVERABLE), NAME(ENOTSOCK), NAME(ENOTSUP), NAME(ENOTTY), NAME(ENXIO),
    NAME(EOVERFLOW), NAME(EOWNERDEAD), NAME(EPERM), NAME(EPIPE), NAME(EPROTO),
    NAME(EPROTONOSUPPORT), NAME(EPROTOTYPE), NAME(ERANGE), NAME(EROFS), NAME(ESHUTDOWN),
    NAME(ESPIPE), NAME(ESRCH), NAME(ESTALE), NAME(ETIMEDOUT), NAME(ETXTBSY), NAME(EXDEV),
    /* Other names of numbers above. */
    NAME(EOPNOTSUPP), NAME(EWOULDBLOCK),
};
/* clang-format on */

enum { COUNT = sizeof names / sizeof names[0] };

const char *errno_name(int number)
{
    for (size_t i = 0; i < COUNT; i++)
        if (names[i].number == number)
            return names[i].name;
    return "unknown error";
}

int errno_number(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].number;
    return 0;
}
