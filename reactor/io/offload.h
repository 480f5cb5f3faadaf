/* SPDX-License-Identifier: MIT */
/* offload.h - runs a function that blocks on another thread, and awaits its end.
 *
 *   EDO_START --> OFFLOAD_AWAITS_SLOT --a slot is free--> OFFLOAD_AWAITS_CALL
 *                                                                  |
 *                                          EDO_DONE, EDO_FAILED <--+
 *
 * A pool has threads and slots, both the caller's and as many as the caller chose. A call gets a
 * copy of the future's request in a slot, and its answer is copied back from there: so the future
 * can be cancelled while the call runs, and goes at once (a timeout around a slow name lookup). The
 * call itself can't be stopped. It goes on in its slot, which the pool frees when the call ends.
 *
 * The threads have all signals blocked. edo allocates nothing; pthread_create(3) takes memory for
 * each thread's stack, and what a call does is its own affair.
 *
 * On a virtual clock time stands still while a call runs. A process that was forked meanwhile has
 * no such threads: it must neither close the pool nor an executor with futures of it, only exec or
 * exit. */
#pragma once

#include <pthread.h>

#include "../base/list.h"
#include "notice.h"

struct edo_pool;

/* FREE, QUEUED until a thread takes it, RUNNING, and ENDED until its future has seen it. */
enum edo_slot_state { EDO_SLOT_FREE, EDO_SLOT_QUEUED, EDO_SLOT_RUNNING, EDO_SLOT_ENDED };

/* Of a call; the pool's own. Under the pool's lock but for `done`, which is of both threads. */
struct edo_slot {
    struct edo_list link;       /* in the pool's `free` or `queue`, or in none */
    struct edo_pool *pool;      /* that it belongs to */
    struct edo_notice done;     /* posted by the thread when the call has ended */
    int (*call)(void *request); /* what the thread calls */
    unsigned char *request;     /* its part of the pool's `requests` */
    enum edo_slot_state state;  /* see there */
    int error;                  /* that the call has returned */
};

/* What a pool is made of, all of it the caller's. It must stay until edo_pool_close, the slots and
 * requests also until the futures that were waiting then have ended. */
struct edo_pool_options {
    pthread_t *threads;     /* room for `thread_count` */
    size_t thread_count;    /* 1 or more */
    struct edo_slot *slots; /* room for `slot_count` */
    size_t slot_count;      /* 1 or more: so many calls can be under way */
    void *requests; /* room for slot_count * request_size bytes, aligned as a request must be */
    size_t request_size; /* a multiple of that alignment, as sizeof is */
};

struct edo_pool {
    struct edo_remote *remote;       /* set by open */
    struct edo_pool_options options; /* set by open */
    size_t used;                     /* slots that are not free */
    struct edo_list free;            /* slots */
    struct edo_list waiting;         /* futures that wait for a slot, the longest first */
    bool is_open;                    /* from open to close */

    pthread_mutex_t lock;  /* of what follows, and of the slots' state */
    pthread_cond_t work;   /* a call was queued, or the pool closes */
    struct edo_list queue; /* slots whose call has not begun, the first first */
    bool is_closing;       /* the threads are to end */
};

/* Starts the threads; the options are copied. After an error no thread is left. Returns 0, or
 * -errno. -EINVAL: there is no thread or no slot; else as pthread_create(3). */
int edo_pool_open(struct edo_pool *pool, struct edo_remote *remote,
                  const struct edo_pool_options *options);

/* Waits, without polling anything, until the calls that run have ended, and ends the threads. Their
 * futures get their results when they are polled next. Calls that have not begun are dropped, and
 * their futures fail with -ESHUTDOWN. Until all these futures have ended, the pool and the remote
 * must stay, too. Before the remote is closed. Closing it again does nothing. */
void edo_pool_close(struct edo_pool *pool);

struct edo_offload {
    struct edo_future future;   /* to be awaited */
    struct edo_pool *pool;      /* set by init */
    int (*call)(void *request); /* set by init */
    void *request;              /* set by init */
    size_t size;                /* set by init */
    struct edo_slot *slot;      /* at OFFLOAD_AWAITS_CALL */
    struct edo_notified done;   /* at OFFLOAD_AWAITS_CALL */
    struct edo_list link;       /* at OFFLOAD_AWAITS_SLOT: in the pool's `waiting` */
    struct edo_waker waker;     /* at OFFLOAD_AWAITS_SLOT */
};

/* Calls `call` with a copy of the `size` bytes at `request` on a thread of the pool, and copies
 * them back when it returns. Pointers in a request must stay valid until the call has ended,
 * whatever becomes of the future; after a cancel that is known only when the pool has been closed.
 * So put all that the call needs into the request.
 *
 * Result: `request` where `call` has returned 0, else the -errno that it has returned. -EMSGSIZE:
 * `size` is more than the pool's request_size; -ESHUTDOWN: the pool is closed. */
void edo_offload_init(struct edo_offload *offload, struct edo_pool *pool,
                      int (*call)(void *request), void *request, size_t size);
