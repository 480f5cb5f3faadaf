/* SPDX-License-Identifier: MIT */
/* io.h - a registered fd: in the epoll set once, for both directions, as long as it is open.
 *
 *          edo_io_open                          edo_io_close
 *   an fd -------------> registered: EPOLLIN, --------------> DEL, close
 *                        EPOLLOUT, EPOLLPRI,
 *                        EPOLLRDHUP, EPOLLET
 *
 * The operations in this room (read, write, accept, ...) are futures on a registered fd. Each tries
 * its system call first. Only when that has nothing to give (EAGAIN) it waits for the next event.
 * What is known to be ready is remembered, so nobody has to drain an fd, and no edge is lost
 * (epoll(7), "Level-triggered and edge-triggered").
 *
 * Where O_NONBLOCK of an fd is cleared by another process that has it too, a poll may block; but
 * reads and writes of a socket do not. A byte of urgent data that was read with MSG_OOB, not by
 * edo, may hide what comes behind it until more comes.
 *
 * One task may read while another writes. A second operation in one direction is refused with
 * -EBUSY while the first is pending.
 *
 * Take this for an fd of your own: sockets, pipes, terminals. For an fd that belongs to somebody
 * else (a library's, another loop's) take edo_watch, which leaves the fd as it is.
 *
 * Memory: the caller's. From open to close it must not move. Close it before its reactor is closed;
 * one that is left open then only has its fd to close. */
#pragma once

#include "../kernel/source.h"
#include "../task/future.h"

/* EDO_READ also stands for accept and receive, EDO_WRITE for connect and send. */
enum edo_direction { EDO_READ, EDO_WRITE };

/* When there is nothing more to give until the next event. */
enum edo_drained {
    EDO_DRAINED_UNKNOWN, /* no call has moved anything yet */
    EDO_DRAINED_BY_EAGAIN,
    EDO_DRAINED_BY_LESS, /* also when a call moves less than it was asked to */
};

struct edo_io {
    struct edo_source registered;           /* what is in the epoll set */
    struct edo_source waits[2];             /* by direction: who waits for it */
    const struct edo_operation *pending[2]; /* by direction: the one that is under way, or NULL */
    bool is_ready[2]; /* by direction: the next call may have something to give */
    bool is_socket;   /* as far as is known */
    uint16_t moved;   /* by the last call, in EDO_BYTES_OF_ONE */
    bool is_ending;   /* the peer hung up, or an error or an urgent byte is there to be read */
    uint8_t drained;  /* enum edo_drained */
};

/* Takes over `fd`, sets O_NONBLOCK and registers it. After an error the fd is still the caller's,
 * and the struct may be closed, which does nothing. Returns 0, or -errno. -EEXIST: the reactor has
 * this fd already; -EPERM: epoll can't tell of this kind of file (a regular one); -EBADF: the fd is
 * not open, or the reactor is closed; else as fcntl(2), epoll_ctl(2). */
int edo_io_open(struct edo_io *io, struct edo_reactor *reactor, int fd);

/* On a virtual clock: the other end of the fd is in another process, or a human. While an operation
 * on it is pending, time stands still, but for the pause of an accept that lacks an fd. Without it,
 * time passes as soon as no fd is ready, which is right where both ends are in this process. After
 * the open, and not while an operation is pending. */
static inline void edo_io_set_outside(struct edo_io *io, bool is_outside)
{
    io->waits[EDO_READ].is_outside = io->waits[EDO_WRITE].is_outside = is_outside;
}

/* Takes the fd out of the epoll set and closes it. Operations that are pending are woken and fail
 * with -EBADF, but for a read_until that has its part by then; until they have, the struct must
 * stay, and not be opened again. Again it does nothing. */
void edo_io_close(struct edo_io *io);

/* The fd; -1 once it is closed, and in a struct of zeros, which was never open. */
static inline int edo_io_fd(const struct edo_io *io)
{
    return io->registered.reactor != NULL ? io->registered.fd : -1;
}

/* What all operations begin with: a future on a registered fd.
 *
 * Result: what the operation says; or the -errno of its system call. -EBUSY: another one in that
 * direction is pending; -EBADF: the fd is closed. */
struct edo_operation {
    struct edo_future future; /* to be awaited */
    struct edo_io *io;        /* set by init; open, and stays so until the operation has ended */
};
