/* SPDX-License-Identifier: MIT */
/* stream.h - reads and writes bytes on a registered fd: a TCP or Unix socket, a pipe, a terminal.
 *
 *   EDO_START --> AWAITS_READY --> EDO_DONE; EDO_FAILED with the call's errno
 *
 * How many bytes were moved stands in `done`, also after a cancel, a timeout or an error: no byte
 * is lost that the caller does not know of. To move no bytes is done at once. The end of the stream
 * and a broken one are results. SIGPIPE is never raised; one
 * that the process has blocked and pending already may be there twice.
 *
 * Memory: the caller's, the futures', their buffers' and the edo_io's; none may move or go away
 * from init until the future has ended. */
#pragma once

#include <sys/uio.h>

#include "io.h"

/* --- Reading ---------------------------------------------------------------------------------- */

struct edo_read {
    struct edo_operation operation; /* await operation.future */
    unsigned char *buffer;          /* set by init */
    size_t size;                    /* set by init */
    size_t done;                    /* bytes that were read */
    bool is_exact;                  /* set by init: the end of the stream is an error */
};

/* Reads what there is, at least one byte and at most `size`. Result: &read->done; 0 there is the
 * end of the stream; else as read(2), recv(2), struct edo_operation. */
void edo_read_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size);

/* Reads exactly `size` bytes. Result: &read->done. -ENODATA: the stream ended before, and `done`
 * says how many came; else as edo_read_init. */
void edo_read_exactly_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size);

/* What was read from a stream and not used yet, in a buffer of the caller's. */
struct edo_reader {
    struct edo_io *io;     /* set by init */
    unsigned char *buffer; /* set by init */
    size_t size;           /* set by init */
    size_t used;           /* bytes at the buffer's beginning that parts have taken */
    size_t filled;         /* bytes in the buffer, those included */
};

/* An empty reader. A part, with its delimiter, has to fit into the buffer. */
void edo_reader_init(struct edo_reader *reader, struct edo_io *io, void *buffer, size_t size);

struct edo_read_until {
    struct edo_operation operation; /* await operation.future */
    struct edo_reader *reader;      /* set by init */
    unsigned char delimiter;        /* set by init */
    size_t searched;                /* so many bytes that are not used have been looked at */
    unsigned char *part; /* the result: in the reader's buffer, until the next read_until */
    size_t length;       /* with the delimiter */
};

/* Reads up to and with the next `delimiter`. Result: the read_until itself. -ENODATA: the stream
 * ended before, and the rest is in reader->buffer, between `used` and `filled`; -EMSGSIZE: the
 * buffer is full and there was none; else as edo_read_init. */
void edo_read_until_init(struct edo_read_until *until, struct edo_reader *reader,
                         unsigned char delimiter);

/* --- Writing ---------------------------------------------------------------------------------- */

struct edo_write {
    struct edo_operation operation; /* await operation.future */
    struct iovec one;               /* set by init: the only part, where it is one */
    struct iovec *parts;            /* set by init; used up as bytes are written */
    size_t count;                   /* of the parts that are left */
    size_t done;                    /* bytes that were written */
};

/* Writes all `size` bytes. To go on after a timeout or a cancel, begin another one behind `done`.
 * Result: no value. -EPIPE: nobody reads any more; -ECONNRESET: the peer has broken the connection;
 * else as write(2), sendmsg(2), struct edo_operation. That the peer of a Unix socket has only shut
 * down its reading, the kernel says to the next try, and to nobody who waits for room already. */
void edo_write_init(struct edo_write *write, struct edo_io *io, const void *bytes, size_t size);

/* The same for all bytes of all `parts`, which it changes: `parts` and `count` of the write are
 * what is left. Result: as edo_write_init. */
void edo_write_parts_init(struct edo_write *write, struct edo_io *io, struct iovec *parts,
                          size_t count);

/* Half close: says to the peer that nothing more will come (shutdown(2)). Returns 0, or
 * -errno. -ENOTCONN: it is no Unix socket, and not connected; -ENOTSOCK: it is no socket; -EBADF:
 * it is closed. */
int edo_io_shutdown(struct edo_io *io);
