/* SPDX-License-Identifier: MIT */
/* yield.h - lets the other tasks that are ready be polled first.
 *
 *   EDO_START --poll, wakes itself--> YIELD_AWAITS_TURN --next poll--> EDO_DONE
 *
 * For a long computation that is to share its thread: every task that is in the run queue is polled
 * once before this one goes on, and the executor looks at timers and fds meanwhile (executor.h).
 *
 * Result: no value; it can't fail. Memory: the caller's. */
#pragma once

#include "../task/future.h"

struct edo_yield {
    struct edo_future future; /* to be awaited */
};

/* Yields once. */
void edo_yield_init(struct edo_yield *yield);
