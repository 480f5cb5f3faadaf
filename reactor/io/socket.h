/* SPDX-License-Identifier: MIT */
/* socket.h - accepts, connects, and moves datagrams.
 *
 *   EDO_START --> AWAITS_READY --> EDO_DONE; EDO_FAILED with the call's errno
 *
 * Addresses are numeric, as the system calls take them. The sockets are made with socket(2), bound
 * and made to listen by the caller, and then opened as an edo_io. Every fd that comes out of here
 * is close-on-exec and doesn't block.
 *
 * Memory: as stream.h. */
#pragma once

#include <sys/socket.h>

#include "io.h"

/* --- Streams ---------------------------------------------------------------------------------- */

struct edo_accept {
    struct edo_operation operation; /* await operation.future */
    int fd;                         /* the result: the caller's */
};

/* Waits for the next connection of a listening socket. A connection that its peer gave up is passed
 * over.
 *
 * Where no fd or no memory is left (EMFILE, ENFILE, ENOBUFS, ENOMEM) the connection stays in the
 * queue, and to accept again at once would fail again, for ever. On the wheel it pauses for 10 ms
 * and tries again, as often as it takes; it may be cancelled meanwhile. On the driver of timerfds
 * the pause needs an fd, too: where that is refused it fails, and the caller waits until some of
 * his own have been closed.
 *
 * Result: &accept->fd, which the caller opens or closes; cancelled, it has none. -EMFILE, -ENFILE,
 * -ENOBUFS, -ENOMEM: see above; else as accept4(2), struct edo_operation. */
void edo_accept_init(struct edo_accept *accept, struct edo_io *listener);

struct edo_connect {
    struct edo_operation operation;  /* await operation.future */
    struct sockaddr_storage address; /* set by init */
    socklen_t length;                /* set by init */
    bool has_begun;                  /* connect(2) was called */
};

/* Connects a socket that was opened and is not connected yet. Cancelled or failed, the socket is of
 * no use any more and is to be closed. Result: no value. -ECONNREFUSED: nobody listens there;
 * -ENOTCONN: it failed, and a read of the socket has got the reason; else as connect(2), struct
 * edo_operation. */
void edo_connect_init(struct edo_connect *connect, struct edo_io *io,
                      const struct sockaddr *address, socklen_t length);

/* --- Datagrams -------------------------------------------------------------------------------- */

struct edo_receive_from {
    struct edo_operation operation; /* await operation.future */
    void *buffer;                   /* set by init */
    size_t size;                    /* set by init */
    size_t length; /* of what was received; more than `size`: the rest of it is lost */
    struct sockaddr_storage address; /* who sent it */
    socklen_t address_length;        /* of `address` */
};

/* Receives one datagram. Result: &receive->length; else as recvfrom(2), struct edo_operation. */
void edo_receive_from_init(struct edo_receive_from *receive, struct edo_io *io, void *buffer,
                           size_t size);

struct edo_send_to {
    struct edo_operation operation; /* await operation.future */
    const void *buffer;             /* set by init */
    size_t size;                    /* set by init */
    const struct sockaddr *address; /* set by init; NULL: the one that the socket is connected to */
    socklen_t address_length;       /* set by init */
};

/* Sends one datagram, whole. `address` must stay until the end.
 *
 * A Unix socket that may find its receiver's queue full should be connected. To one that is not,
 * the kernel reports room after each try, so it tries without a pause until there is (unix(7)).
 *
 * Result: no value; else as sendto(2), struct edo_operation. */
void edo_send_to_init(struct edo_send_to *send, struct edo_io *io, const void *buffer, size_t size,
                      const struct sockaddr *address, socklen_t length);
