/* SPDX-License-Identifier: MIT */
/* watch.h - a leaf future that is ready once an fd is.
 *
 *   EDO_START --first poll--> WATCH_ARMED --fd ready--> EDO_DONE
 *       |                         |
 *       +-------------------------+---- the kernel's error --> EDO_FAILED
 *
 * For an fd that belongs to somebody else, a library or another loop: await a watch, then read or
 * write without blocking; on EAGAIN, await a new watch. Each watch costs two epoll_ctl. For a
 * socket or a pipe of your own take edo_io_open (io/io.h).
 *
 * Result: no value, `ready` says what the fd is ready for. -EEXIST: somebody else waits for the
 * same fd; -EPERM: this kind of file is always ready and can't be watched; -EBADF: the fd was
 * closed while it was watched; -ECANCELED: somebody else has disarmed `source`; else as
 * edo_reactor_watch. Memory: the caller's; while it is armed it must not move, and the fd must stay
 * open. */
#pragma once

#include "../kernel/source.h"
#include "../task/future.h"

struct edo_watch {
    struct edo_future future; /* to be awaited */
    int fd;                   /* set by init */
    uint32_t events;          /* set by init: EPOLLIN, EPOLLOUT, ... */
    uint32_t ready;           /* EDO_DONE: some of `events`, EPOLLERR, EPOLLHUP */
    struct edo_source source; /* valid while armed */
};

/* Waits until `fd` is ready for some of `events`, an error or a hang-up included. */
void edo_watch_init(struct edo_watch *watch, int fd, uint32_t events);
