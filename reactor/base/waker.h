/* SPDX-License-Identifier: MIT */
/* waker.h - the callback "poll me again": a function and its data, passed by value.
 *
 * A waker is how the two halves of the runtime meet. A future that waits leaves a waker with
 * whoever will know that it can go on: the reactor, a channel, another task. Calling it puts a task
 * back into the run queue. A waker never polls anything itself.
 *
 * A waker may be called never, once or many times, inside the poll that left it or at any time
 * later. One call too many costs one poll that answers PENDING. A waker of your own may cancel
 * other futures and disarm other sources, also those that wait for the same channel, group or
 * reactor. It must neither close the executor or the reactor, nor free the channel or group that
 * calls it.
 *
 * `data` must stay valid for as long as somebody may call the waker. Other threads and signal
 * handlers must not call it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cause.h" /* IWYU pragma: export */

struct edo_waker {
    void (*wake)(void *data, struct edo_cause cause); /* NULL: nobody waits */
    void *data;                                       /* what `wake` is called with */
};

/* Calls a waker, from a leaf future of the program's own. */
static inline void edo_wake(struct edo_waker waker)
{
    struct edo_cause cause = {0, 0, EDO_CAUSE_PROGRAM};

    if (waker.wake != NULL)
        waker.wake(waker.data, cause);
}

/* Calls a waker, from the runtime. */
static inline void edo_wake_because(struct edo_waker waker, struct edo_cause cause)
{
    if (waker.wake != NULL)
        waker.wake(waker.data, cause);
}
