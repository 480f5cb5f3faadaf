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

/* Why a waker is called: what happened, and to which source or task. */
enum edo_cause_kind {
    EDO_CAUSE_PROGRAM, /* the program's own code called it */
    EDO_CAUSE_TIMER,   /* a deadline has passed; id: the source's */
    EDO_CAUSE_FD,      /* an fd is ready; id: the source's */
    EDO_CAUSE_TASK,    /* a task has ended; id: the task's */
    EDO_CAUSE_CHANNEL, /* a message, room for one, or the end of the channel; id: its number */
    EDO_CAUSE_GROUP,   /* a member of a group has ended; id: the task's */
    EDO_CAUSE_CANCEL,  /* a task was cancelled; id: the task's */
    EDO_CAUSE_YIELD,   /* the task itself, so that others are polled before it */
    EDO_CAUSE_PEER,    /* this and the three below are not used yet */
    EDO_CAUSE_SIGNAL,
    EDO_CAUSE_CHILD,
    EDO_CAUSE_THREAD,
};

struct edo_cause {
    uint64_t due_ns; /* TIMER: the deadline; FD: when the fd was seen ready; else 0 */
    uint32_t id;
    enum edo_cause_kind kind;
};

struct edo_waker {
    void (*wake)(void *data, struct edo_cause cause); /* NULL: nobody waits */
    void *data;
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
