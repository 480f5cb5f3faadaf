/* future.h - a caller-owned struct that holds a state machine and can be polled.
 *
 *                 first poll              poll: edo_future_done
 *   EDO_START ----------------> an await ------------------------> EDO_DONE
 *       |                        |    |    poll: edo_future_fail
 *       |                        |    +--------------------------> EDO_FAILED
 *       +------------------------+---- edo_future_cancel --------> EDO_CANCELLED
 *
 * It may also end in its first poll, without an await. Where a shield holds on to a part of it, it
 * stays at its await, `is_cancelled`, until the shield lets go.
 *
 * What an async fn is to a compiler, a future is here by hand: a struct for the locals that live
 * across an await, a state that says at which await it stands, and a poll function that goes on
 * from there. PENDING is a promise: a waker has been left with somebody who will call it. READY is
 * said once; then the future is not polled again.
 *
 * The callback of a future is the waker that comes with every poll, in the context. A leaf future
 * (a sleep) keeps it where the reactor finds it; one that awaits another just passes it on.
 *
 * Memory: the caller's. From its first poll until READY or cancelled it must not move. */
#ifndef EDO_FUTURE_H
#define EDO_FUTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/waker.h"

struct edo_executor;
struct edo_future;
struct edo_reactor;

enum edo_poll { EDO_PENDING, EDO_READY };

/* What a poll is given. */
struct edo_context {
    struct edo_waker waker;        /* have this called when polling again would lead on */
    struct edo_reactor *reactor;   /* where leaf futures wait */
    struct edo_executor *executor; /* where tasks can be spawned */
};

/* The states that every future has. Its own, the awaits, count on from EDO_FIRST_AWAIT. */
enum edo_future_state { EDO_START, EDO_DONE, EDO_FAILED, EDO_CANCELLED, EDO_FIRST_AWAIT };

/* What all futures of one kind have in common; a constant. */
struct edo_future_type {
    const char *name;

    /* Goes on from self->state to the next await that is not ready, or to the end. Never blocks. It
     * goes to the await's state before it says PENDING (asserted). */
    enum edo_poll (*poll)(struct edo_future *self, struct edo_context *cx);

    /* Lets go of everything it holds, children first: cancels them, and where one answers false,
     * does so too and is called again later. NULL: all there is to do is to cancel the one future
     * it awaits. Who awaits several at a time must bring its own. Called at an await. */
    bool (*cancel)(struct edo_future *self);

    /* Polls what answered false to `cancel`; READY once that has ended. NULL: polls the one future
     * it awaits. Who awaits several at a time must bring its own. */
    enum edo_poll (*poll_cancelled)(struct edo_future *self, struct edo_context *cx);

    const char *const *state_names; /* [state - EDO_FIRST_AWAIT] */
};

struct edo_future {
    const struct edo_future_type *type;
    union {
        struct edo_future *awaiting; /* at an await: which future, NULL if not one */
        void *value;                 /* EDO_DONE: the result, where the future keeps it, or NULL */
    };
    int error;         /* EDO_FAILED: -errno; else 0 */
    uint16_t state;    /* enum edo_future_state, or the type's own */
    bool is_cancelled; /* told to let go; at an await: a shield holds it, poll only for that */
};

/* How it ended: ok with a value, failed with an error, cancelled. Switch over `kind` without a
 * default, and the compiler insists on all three. */
enum edo_outcome_kind { EDO_OUTCOME_OK, EDO_OUTCOME_FAILED, EDO_OUTCOME_CANCELLED };

struct edo_outcome {
    enum edo_outcome_kind kind;
    union {
        void *value; /* EDO_OUTCOME_OK; as long as the future's memory, or the child's it is of */
        int error;   /* EDO_OUTCOME_FAILED: -errno */
    };
};

/* Not while it stands at an await. */
void edo_future_init(struct edo_future *future, const struct edo_future_type *type);

/* One step. Must not be called again after READY (asserted; without asserts it says READY). */
enum edo_poll edo_future_poll(struct edo_future *future, struct edo_context *cx);

/* Lets go of a future that is not ready. True: all that it held is released, all that it awaited is
 * cancelled, its memory may be reused; of the tasks in it none was woken. After the end it does
 * nothing and is true.
 *
 * False: something in it may not be cut off, a shield's child or the task that is being polled just
 * now. It is held, as we say: all the rest is let go of already. Its waker will be called; poll it
 * then, and it is READY, cancelled, as soon as that part has ended.
 *
 * Only for its owner, and not from inside its own poll. */
bool edo_future_cancel(struct edo_future *future);

/* Whether it is done, failed or cancelled. */
static inline bool edo_future_has_ended(const struct edo_future *future)
{
    return future->state == EDO_DONE || future->state == EDO_FAILED ||
           future->state == EDO_CANCELLED;
}

/* Only after the end. */
struct edo_outcome edo_future_outcome(const struct edo_future *future);

/* The name of the state it is in. Never NULL. */
const char *edo_future_state_name(const struct edo_future *future);

/* --- For poll functions ----------------------------------------------------------------------- */

/* Goes to the await `state`. Every change of state, of every future, comes through here. */
void edo_future_goto(struct edo_future *self, unsigned state);

/* `child.await`: polls it, and while it is PENDING notes that `self` waits for it. */
enum edo_poll edo_future_await(struct edo_future *self, struct edo_future *child,
                               struct edo_context *cx);

/* The two ways to end; `return` them. `value` points into the future, or is NULL; `error` is
 * -errno. */
enum edo_poll edo_future_done(struct edo_future *self, void *value);
enum edo_poll edo_future_fail(struct edo_future *self, int error);

/* To end as `child` did: with its value, with its error, or cancelled. */
enum edo_poll edo_future_end_as(struct edo_future *self, const struct edo_future *child);

#endif
