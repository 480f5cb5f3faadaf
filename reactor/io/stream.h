/* SPDX-License-Identifier: MIT */
/* stream.h - reads and writes bytes on a registered fd: a TCP or Unix socket, a pipe, a terminal.
 *
 *   EDO_START --> AWAITS_READY --> EDO_DONE, or EDO_FAILED with the errno of read(2), sendmsg(2)
 *
 * How many bytes were moved stands in `done`, also after a cancel, a timeout or an error: no byte
 * is lost that the caller does not know of. To move no bytes is done at once. The end of the stream
 * and a broken one are results. SIGPIPE is never raised.
 *
 * Memory: the caller's, the futures', their buffers' and the edo_io's; none may move or go away
 * until the future has ended. */
#pragma once

#include <sys/uio.h>

#include "io.h"

/* --- Reading ---------------------------------------------------------------------------------- */

struct edo_read {
    struct edo_operation operation;
    unsigned char *buffer; /* set by init */
    size_t size;           /* set by init */
    size_t done;           /* bytes that were read */
    bool is_exact;         /* set by init: the end of the stream is an error */
};

/* Reads what there is, at least one byte and at most `size`. Value: &read->done; 0 there is the end
 * of the stream. */
void edo_read_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size);

/* Reads exactly `size` bytes. -ENODATA: the stream ended before; `done` says how many came. */
void edo_read_exactly_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size);

/* What was read from a stream and not used yet, in a buffer of the caller's. */
struct edo_reader {
    struct edo_io *io;
    unsigned char *buffer; /* set by init */
    size_t size;           /* set by init */
    size_t used;           /* bytes at the buffer's beginning that the last part took */
    size_t filled;         /* bytes in the buffer */
};

void edo_reader_init(struct edo_reader *reader, struct edo_io *io, void *buffer, size_t size);

struct edo_read_until {
    struct edo_operation operation;
    struct edo_reader *reader; /* set by init */
    unsigned char delimiter;   /* set by init */
    size_t searched;           /* so many bytes have been looked at */
    unsigned char *part;       /* the result: in the reader's buffer, until the next read_until */
    size_t length;             /* with the delimiter */
};

/* Reads up to and with the next `delimiter`. Value: the read_until itself. -ENODATA: the stream
 * ended before, and the rest is in reader->buffer, between `used` and `filled`; -EMSGSIZE: the
 * buffer is full and there was none.
 */
void edo_read_until_init(struct edo_read_until *until, struct edo_reader *reader,
                         unsigned char delimiter);

/* --- Writing ---------------------------------------------------------------------------------- */

struct edo_write {
    struct edo_operation operation;
    struct iovec one;    /* set by init: the only part, where it is one */
    struct iovec *parts; /* set by init; used up as bytes are written */
    size_t count;        /* of the parts that are left */
    size_t done;         /* bytes that were written */
};

/* Writes all `size` bytes. No value. -EPIPE: nobody reads any more; -ECONNRESET. To go on after a
 * timeout or a cancel, begin another one behind `done`. */
void edo_write_init(struct edo_write *write, struct edo_io *io, const void *bytes, size_t size);

/* The same for all bytes of all `parts`, which it changes: `parts` and `count` of the write are
 * what is left. */
void edo_write_parts_init(struct edo_write *write, struct edo_io *io, struct iovec *parts,
                          size_t count);

/* Half close: says to the peer that nothing more will come (shutdown(2)). 0; -ENOTCONN; -ENOTSOCK.
 */
int edo_io_shutdown(struct edo_io *io);
