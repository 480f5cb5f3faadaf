/* SPDX-License-Identifier: MIT */
/* run.h - what the runtime does with tasks. Not for users: edo.h does not include it. */
#pragma once

#include "executor.h"
#include "task.h"

/* With a trace: the future of the task that is being polled on this thread; NULL: none. */
extern _Thread_local const struct edo_future *edo_root_of_thread;

/* With a trace: the number of the innermost future that is being polled just now; 0: none. */
uint32_t edo_future_number_of_polled(void);

/* Polls `child`, one of several futures that `self` awaits at once. `child` must not have ended. */
enum edo_poll edo_future_poll_one(struct edo_future *self, struct edo_future *child,
                                  struct edo_context *cx);

/* NEW becomes READY. */
void edo_task_start(struct edo_task *task, struct edo_executor *executor);

/* One poll of a READY task. It may have ended when this returns. */
void edo_task_poll(struct edo_task *task);

/* Whether a task is being polled, and not a future by hand. */
static inline bool edo_budget_counts(const struct edo_context *cx)
{
    return cx->executor != NULL && cx->executor->polled != NULL;
}

/* For leaf futures that may be ready at once, again and again: takes one of the ready operations
 * that a task may have in a poll. false: it has had them; it is woken, and the future is PENDING.
 */
static inline bool edo_budget_take(const struct edo_context *cx)
{
    if (!edo_budget_counts(cx))
        return true;
    if (cx->executor->budget > 0) {
        cx->executor->budget--;
        return true;
    }
    edo_wake_because(cx->waker, (struct edo_cause){.kind = EDO_CAUSE_YIELD});
    return false;
}

/* For one of several futures that are awaited at once: each has at least one, so that none keeps
 * the others from their turn by using up all. */
static inline void edo_budget_grant(const struct edo_context *cx)
{
    if (cx->executor != NULL && cx->executor->budget == 0)
        cx->executor->budget = 1;
}

/* Takes that many more, or all that are left. */
static inline void edo_budget_charge(const struct edo_context *cx, uint32_t operations)
{
    if (edo_budget_counts(cx))
        cx->executor->budget -=
            operations < cx->executor->budget ? operations : cx->executor->budget;
}
