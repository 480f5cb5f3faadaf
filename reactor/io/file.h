/* SPDX-License-Identifier: MIT */
/* file.h - reads from a regular file, by pread(2) on a thread of a pool.
 *
 * epoll has nothing to say of a regular file: it counts as ready at any time, and the read blocks
 * until the disk or another machine has given the bytes. They are read into the request's own room
 * and copied, so the future can be cancelled while the call runs.
 *
 * Memory: as offload.h; from init on it must not move. */
#pragma once

#include "offload.h"

/* So many bytes at most are read at a time: EDO_FILE_PART_SIZE. */
enum { EDO_FILE_PART_SIZE = 4096 };

struct edo_file_part {
    int fd;        /* set by init */
    uint64_t at;   /* in the file, from its beginning */
    size_t length; /* the result: less than the whole where the file ends; 0: nothing is there */
    unsigned char bytes[EDO_FILE_PART_SIZE]; /* the result: the first `length` of them */
};

struct edo_file_read {
    struct edo_offload offload; /* await offload.future */
    struct edo_file_part part;  /* the request, and the result */
};

/* Reads up to EDO_FILE_PART_SIZE bytes that begin at `at`. The fd is not moved, so several may read
 * from it at a time. After a cancel the call may still run: if the fd is closed and its number has
 * got another owner meanwhile, that is read from, and the bytes are dropped. The pool's
 * request_size is at least that of the part.
 *
 * Result: &read->part. -EOVERFLOW: `at` is no off_t; else as pread(2), edo_offload_init. */
void edo_file_read_init(struct edo_file_read *read, struct edo_pool *pool, int fd, uint64_t at);
