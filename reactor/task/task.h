/* SPDX-License-Identifier: MIT */
/* task.h - a future that was handed to the executor: its name, its place in a queue, how it ended.
 *
 *                    +---------------------- woken ------------------------+
 *                    v                                                     |
 *   NEW --spawn--> READY --its turn--> POLLED -----future PENDING-----> WAITING
 *                    ^                  |  |
 *                    |                  |  +--------future READY------> ENDED <-- cancel
 *                    |                woken                               ^
 *                    |                  v                                 |
 *                    +-future PENDING- WOKEN -------future READY----------+
 *
 * WOKEN is a task that is woken in the middle of its own poll: it is in the run queue already.
 *
 * How it ended is how its future ended: edo_future_error(task->future), edo_future_outcome.
 * Memory: the caller's, as are its future and its name. From spawn until ENDED none may move or go
 * away. Then the struct may be used again at once, by its joiner already. */
#pragma once

#include "../base/list.h"
#include "future.h"

enum edo_task_state {
    EDO_TASK_NEW,
    EDO_TASK_READY,
    EDO_TASK_POLLED,
    EDO_TASK_WOKEN,
    EDO_TASK_WAITING,
    EDO_TASK_CANCELLING, /* in the executor's list of tasks that are to be cancelled now */
    EDO_TASK_ENDED,
};

struct edo_task {
    struct edo_list link; /* READY, WOKEN, WAITING, CANCELLING: in a list of the executor's */
    struct edo_executor *executor; /* set by spawn */
    struct edo_future *future;     /* set by init */
    const char *name;              /* set by init */
    struct edo_waker joiner;       /* called once, when it ends; set by who joins it */
    uint32_t id;                   /* 1, 2, 3, ... in the order of spawning */
    uint32_t polls;                /* how often it was polled, */
    uint32_t wakes;                /* and put back into the run queue */
    uint8_t state;                 /* enum edo_task_state */
    bool is_to_be_cancelled;       /* cancelled in the middle of its poll */
};

/* Not while the task is live. `name` is not NULL; `future` must be new, neither polled nor ended.
 */
void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future);

/* Whether it was spawned and has not ended. */
static inline bool edo_task_is_live(const struct edo_task *task)
{
    return task->state != EDO_TASK_NEW && task->state != EDO_TASK_ENDED;
}

/* What puts the task back into the run queue; for whoever makes it wait. Called when the task is in
 * the queue already, or not live, it does nothing. */
struct edo_waker edo_task_waker(struct edo_task *task);

/* Cancels its future and ends it; who joins it is woken and finds it cancelled. From anywhere, a
 * poll included.
 *
 * READY: it has ended. PENDING: it ends later, and its memory must stay until then: it is, or
 * contains, the task that is being polled just now, which is cancelled when its poll returns; or a
 * shield protects a part of it; or the call comes from inside another task's cancel, which then
 * also ends this one.
 *
 * Tasks that it joins, and theirs, are cancelled in a loop, not by recursion: the stack it needs
 * does not depend on how many there are. */
enum edo_poll edo_task_cancel(struct edo_task *task);
