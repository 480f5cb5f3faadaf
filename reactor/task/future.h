/* SPDX-License-Identifier: MIT */
/* future.h - a caller-owned struct that holds a state machine and can be polled.
 *
 *              first poll            poll: edo_future_done
 *   EDO_START ------------> an await ---------------------> EDO_DONE
 *       |                    |    |  poll: edo_future_fail
 *       |                    |    +-----------------------> EDO_FAILED
 *       +--------------------+---- edo_future_cancel -----> EDO_CANCELLED
 *
 * It may also end in its first poll, without an await.
 *
 * What an async fn is to a compiler, a future is here by hand: a struct for the locals that live
 * across an await, a state that says at which await it stands, and a poll function that goes on
 * from there. PENDING is a promise: a waker has been left with somebody who will call it. READY is
 * said once; then the future is not polled again.
 *
 * The callback of a future is the waker that comes with every poll, in the context. A leaf future
 * (a sleep) keeps the waker where the reactor finds it; a future that awaits another one passes the
 * waker on.
 *
 * Memory: the caller's. From its first poll, or where its own header says so from its init, until
 * it has ended a future must not move: others point into it, the reactor to the source inside a
 * sleep, a parent to the child it awaits. Rust says the same with Pin. Nor may it be copied, freed
 * or left by its stack frame; cancel it first. */
#pragma once

#include <errno.h>

#include "../base/container_of.h" /* IWYU pragma: export */
#include "../base/waker.h"        /* IWYU pragma: export */

struct edo_executor;
struct edo_future;
struct edo_reactor;

/* The answer of a poll, and of a cancel: it is PENDING, or it has ended and is READY. */
enum edo_poll { EDO_PENDING, EDO_READY };

/* What a poll is given. */
struct edo_context {
    struct edo_waker waker;        /* to be called when another poll would lead on */
    struct edo_reactor *reactor;   /* where leaf futures wait */
    struct edo_executor *executor; /* where tasks can be spawned */
};

/* The states that every future has. The awaits of its type count on from EDO_FIRST_AWAIT. */
enum edo_future_state { EDO_START, EDO_DONE, EDO_FAILED, EDO_CANCELLED, EDO_FIRST_AWAIT };

/* What a future waits for, where `awaiting` does not tell it: for gdb and scripts/peek, who look in
 * from outside. The runtime itself does not ask. */
enum edo_part_kind {
    EDO_PART_END,      /* no more parts */
    EDO_PART_SOURCE,   /* a source */
    EDO_PART_WAIT,     /* a pointer to a struct; in it is a source */
    EDO_PART_FUTURE,   /* a future */
    EDO_PART_POINTER,  /* a pointer to a future */
    EDO_PART_BRANCHES, /* a pointer to an array of structs; in each is a pointer to a future */
    EDO_PART_TASKS,    /* a pointer to an array of tasks */
    EDO_PART_MEMBERS,  /* a list; beside each link is a task */
};

/* All in bytes. */
struct edo_part {
    enum edo_part_kind kind; /* says what the rest means */
    int32_t at;              /* where the part is, from the struct edo_future on */
    int32_t count_at;        /* of an array: where its length is, a size_t, also from there */
    int32_t size;            /* of an array: of each of its structs */
    int32_t inside_at; /* WAIT: where in the struct the source is; BRANCHES: where the pointer is;
                          MEMBERS: where the task is, from the link on */
};

/* What all futures of one kind have in common; a constant. */
struct edo_future_type {
    const char *name; /* as traces and dumps show it */

    /* Goes on from self->state to the next await that is not ready, or to the end. Never blocks.
     * Before it says PENDING it goes to the state of that await (asserted). */
    enum edo_poll (*poll)(struct edo_future *self, struct edo_context *cx);

    /* Called at an await: releases everything the future holds, children first. READY: all is
     * released. PENDING: the cancel of a child is pending; `cancel` is called again later. NULL:
     * the runtime cancels the one future that this one awaits. A type that awaits several futures
     * at a time, or holds something else, must have a `cancel`. */
    enum edo_poll (*cancel)(struct edo_future *self);

    /* While the cancel is pending: polls the children whose cancel is pending. READY: all of them
     * have ended. NULL: the runtime polls the one future that this one awaits. */
    enum edo_poll (*poll_cancelled)(struct edo_future *self, struct edo_context *cx);

    const char *const *state_names; /* [state - EDO_FIRST_AWAIT] */

    /* Valid at an await; the last is EDO_PART_END. NULL: `awaiting` tells it all. */
    const struct edo_part *parts;
};

struct edo_future {
    const struct edo_future_type *type; /* set by init */
    union {
        struct edo_future *awaiting; /* at an await: the future awaited; NULL: none, or several. Who
                                        cancels a child of its own and goes on sets it to NULL */
        void *value;                 /* EDO_DONE: points to the result, or is NULL */
    };
    uint32_t number;   /* in the trace, from its first event on; else 0 */
    int16_t error;     /* ask edo_future_error */
    uint8_t state;     /* enum edo_future_state, or an await of the type */
    bool is_cancelled; /* its cancel is pending: it is polled only for that */
};

/* Initialises a future, for the first time or anew. Not while it stands at an await. */
static inline void edo_future_init(struct edo_future *future, const struct edo_future_type *type)
{
    future->type = type;
    future->awaiting = NULL;
    future->number = 0;
    future->error = 0;
    future->state = EDO_START;
    future->is_cancelled = false;
}

/* One step. Must not be called again after READY (asserted; without asserts it says READY). Returns
 * EDO_PENDING: the waker of `cx` will be called; or EDO_READY: the future has ended. */
enum edo_poll edo_future_poll(struct edo_future *future, struct edo_context *cx);

/* Cancels a future that has not ended. READY: all that it held is released, all that it awaited is
 * cancelled, its memory may be reused; none of the tasks in it is polled any more. After the end it
 * does nothing and is READY.
 *
 * PENDING: a part of it must not be cut off: the child of a shield, or the task that is being
 * polled just now. All the rest is released. The future is polled on, by its waker as before; once
 * that part has ended, a poll is READY, and the future cancelled.
 *
 * Only the owner of the future may call this, and not from inside the future's own poll. */
enum edo_poll edo_future_cancel(struct edo_future *future);

/* Whether it is done, failed or cancelled. */
static inline bool edo_future_has_ended(const struct edo_future *future)
{
    return future->state >= EDO_DONE && future->state <= EDO_CANCELLED;
}

/* How it ended: 0, or the -errno that it failed with; before the end, 0. -ECANCELED: it was
 * cancelled. */
static inline int edo_future_error(const struct edo_future *future)
{
    return future->error;
}

/* --- For poll functions ----------------------------------------------------------------------- */

/* Goes to the await `state`. Every change of state, of every future, comes through here. */
void edo_future_goto(struct edo_future *self, unsigned state);

/* `child.await`: polls it, and while it is PENDING notes that `self` waits for it. Returns what the
 * poll has answered; READY at once if the child has ended already. */
enum edo_poll edo_future_await(struct edo_future *self, struct edo_future *child,
                               struct edo_context *cx);

/* Two ways to end; `return` them. `value` points into the future, or is NULL. `error` is -errno,
 * which fits into 16 bits (asserted). -ECANCELED ends the future as cancelled, so an error can be
 * passed on whatever it is.
 *
 * Returns EDO_READY; the future's error is then 0 or `error`. -ECANCELED: it is cancelled; -EINVAL:
 * `error` did not fit, without asserts. */
enum edo_poll edo_future_done(struct edo_future *self, void *value);
enum edo_poll edo_future_fail(struct edo_future *self, int error);

/* === From here on: the evening ================================================================ */

/* To end as `child` did: with its value, with its error, or cancelled. Returns EDO_READY. */
enum edo_poll edo_future_end_as(struct edo_future *self, const struct edo_future *child);

/* How a future ended: OK with a value, FAILED with an error, CANCELLED. Switch over `kind` without
 * a default, and the compiler insists on all three. */
enum edo_outcome_kind { EDO_OUTCOME_OK, EDO_OUTCOME_FAILED, EDO_OUTCOME_CANCELLED };

struct edo_outcome {
    enum edo_outcome_kind kind; /* says which of the two is valid */
    union {
        void *value; /* EDO_OUTCOME_OK: lives in the future, or in a child of it */
        int error;   /* EDO_OUTCOME_FAILED: -errno */
    };
};

/* How it ended, with the value. Only after the end (asserted; without asserts: cancelled). */
struct edo_outcome edo_future_outcome(const struct edo_future *future);

/* The name of the state it is in. Never NULL. */
const char *edo_future_state_name(const struct edo_future *future);

/* For views: gives this future the name `name` in the trace, where it had that of its type. Not
 * before its first poll. `name` must outlive the trace. Without a trace it does nothing. */
void edo_future_set_name(struct edo_future *future, const char *name);
