/* SPDX-License-Identifier: MIT */
/* semaphore.h - lets at most so many tasks do something at a time.
 *
 *   EDO_START --> ACQUIRE_AWAITS_PERMIT --a permit is free--> EDO_DONE
 *
 * Each acquire that is done has taken a permit, and edo_semaphore_release gives it back. Who has
 * waited longest is next; where its task has used up its budget (EDO_BUDGET, executor.h), in its
 * next poll. An acquire that is cancelled has taken none. With one permit it is a
 * mutex between tasks, for what must not be mixed across awaits.
 *
 * Memory: the caller's. The semaphore must stay while somebody waits. One thread. */
#pragma once

#include "../base/list.h"
#include "../task/future.h"

struct edo_semaphore {
    size_t permits;          /* that are free */
    struct edo_list waiting; /* acquires, the longest waiting first */
};

/* Begins with so many permits free. */
void edo_semaphore_init(struct edo_semaphore *semaphore, size_t permits);

/* Gives a permit back, or adds one. */
void edo_semaphore_release(struct edo_semaphore *semaphore);

/* Takes a permit if one is free and nobody waits for it. Returns whether it has. */
bool edo_semaphore_try_acquire(struct edo_semaphore *semaphore);

struct edo_acquire {
    struct edo_future future;        /* to be awaited */
    struct edo_semaphore *semaphore; /* set by init */
    struct edo_list link;            /* while it waits */
    struct edo_waker waker;          /* of who polls the future */
};

/* Takes a permit, and waits for one. Result: no value; it can't fail. */
void edo_acquire_init(struct edo_acquire *acquire, struct edo_semaphore *semaphore);
