/* SPDX-License-Identifier: MIT */
/* remote.h - the door for other threads and for signal handlers: they post notices.
 *
 *   another thread:  edo_notice_post --> stack of notices
 *                                         |    |
 *                                         |    +-- if it sleeps: write(eventfd)
 *                                         v                  |
 *   the runtime:     takes them before it sleeps,            |
 *                    and at each look at the kernel <--------+
 *
 * A burst of posts is one write, and while the runtime is awake there is none. No post is lost at
 * the moment of falling asleep: the runtime first says that it is about to sleep, then looks at the
 * stack once more; who posts first puts the notice there, then asks whether the runtime sleeps.
 * Both orders are sequentially consistent, so one of the two sees the other.
 *
 * Everything else of edo belongs to one thread. Only edo_notice_post may be called from elsewhere.
 *
 * Memory: the caller's. A remote and its notices must stay until no thread can post any more; close
 * the remote after that, and before its reactor. Who waits for one of its notices then waits for
 * ever: cancel it before. */
#pragma once

#include "source.h"

struct edo_notice;

/* One for all notices of a reactor. */
struct edo_remote {
    struct edo_reactor *reactor; /* set by open */
    struct edo_source event;     /* the eventfd, registered */
    struct edo_notice *posted;   /* shared: the last that was posted, linked to those before */
    uint32_t is_awaited;         /* shared: the runtime sleeps, or is about to */
};

/* Opens the door to a reactor, one for each; not while it is open in another one. After an error,
 * unless it was open before, edo_remote_close does nothing. Returns 0, or -errno. -EBUSY: the
 * reactor has one; if it is this one, it stays open; -EBADF: the reactor is closed; else as
 * eventfd(2), epoll_ctl(2). */
int edo_remote_open(struct edo_remote *remote, struct edo_reactor *reactor);

/* Closes the eventfd. Again it does nothing. */
void edo_remote_close(struct edo_remote *remote);

/* Something that has happened elsewhere. Posted once or many times before somebody waits for it, it
 * has happened; who then waits goes on at once, one time. */
struct edo_notice {
    struct edo_source wait;    /* of who waits for it */
    struct edo_remote *remote; /* set by init */
    struct edo_notice *next;   /* shared: posted before this one */
    uint32_t is_posted;        /* shared: it is on the stack */
    bool has_come;             /* and nobody waited for it */
    const void *waiter;        /* the future that waits for it; NULL: none */
};

/* A notice that has not been posted. */
void edo_notice_init(struct edo_notice *notice, struct edo_remote *remote);

/* From any thread and from a signal handler; errno stays as it was. What the poster wrote before,
 * the one who waits can read. Many calls before the runtime looks are one. */
void edo_notice_post(struct edo_notice *notice);

/* --- For the reactor -------------------------------------------------------------------------- */

/* Takes what was posted: who waits for it is due. */
void edo_remote_take(struct edo_remote *remote);

/* The thread is about to sleep: from now on, who posts ends the sleep, and what was posted until
 * now is taken; or it is awake. */
void edo_remote_set_awaited(struct edo_remote *remote, bool is_awaited);
