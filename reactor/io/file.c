/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pread */
#endif

#include "file.h"

#include <errno.h>
#include <unistd.h>

/* On a thread of the pool, where no signal interrupts it. */
static int read_part(void *data)
{
    struct edo_file_part *part = data;
    off_t at = (off_t)part->at;
    ssize_t length = 1;

    if (at < 0)
        return -EOVERFLOW;
    while (length > 0 && part->length < sizeof part->bytes) { /* some files give less at a time */
        length = pread(part->fd, part->bytes + part->length, sizeof part->bytes - part->length,
                       at + (off_t)part->length);
        if (length > 0)
            part->length += (size_t)length;
    }
    return part->length == 0 && length < 0 ? -errno : 0; /* else the next part has the error */
}

void edo_file_read_init(struct edo_file_read *read, struct edo_pool *pool, int fd, uint64_t at)
{
    read->part.fd = fd;
    read->part.at = at;
    read->part.length = 0;
    edo_offload_init(&read->offload, pool, read_part, &read->part, sizeof read->part);
}
