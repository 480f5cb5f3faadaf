/* SPDX-License-Identifier: MIT */
/* task.h - a future that was handed to the executor: its name, its place in a queue, how it ended.
 *
 *                    +------------------- woken -------------------+
 *                    v                                             |
 *   NEW --spawn--> READY --its turn--> POLLED --future PENDING--> WAITING
 *                    ^                  |  |
 *                    |                  |  +----future READY---> ENDED <-cancel
 *                    |                woken                        ^
 *                    |                  v                          |
 *                    +-future PENDING- WOKEN ----future READY------+
 *
 * WOKEN: the task was woken in the middle of its own poll, and is in the run queue already.
 *
 * How it ended is how its future ended: edo_future_error(task->future), edo_future_outcome.
 * Memory: the caller's, as are its future and its name. From spawn until ENDED none of them may
 * move or go away. After that the struct may be used again, even in the call of the joiner, unless
 * that is a join (join_tasks.h). */
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
    struct edo_list live; /* from spawn until it ends: in the executor's list of live tasks */
    struct edo_list link; /* READY, WOKEN: in the run queue; CANCELLING: in `asked` */
    struct edo_executor *executor; /* set by spawn */
    struct edo_future *future;     /* set by init */
    const char *name;              /* set by init */
    struct edo_waker joiner;       /* called once, when it ends; set by who joins it */
    uint32_t id;                   /* 1, 2, 3, ... in the order of spawning */
    uint8_t state;                 /* enum edo_task_state */
    bool is_urgent;                /* READY, WOKEN: in that part of the run queue */
    bool is_to_be_cancelled : 1;   /* it was cancelled in the middle of its poll: after it */
    bool waits_for_polled : 1;     /* its cancel is pending: for one that was being polled, */
    bool waits_for_outer : 1;      /* for one that is being cancelled, which waits for this one */
    uint8_t asked_in; /* of the executor's cancels: the last that asked it; 0: polled since */
};

/* Initialises a task, for the first time or anew. Not while it is live. `name` is not NULL;
 * `future` is new, neither polled nor ended. */
void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future);

/* Whether it was spawned and has not ended. */
static inline bool edo_task_is_live(const struct edo_task *task)
{
    return task->state != EDO_TASK_NEW && task->state != EDO_TASK_ENDED;
}

/* The waker of a task: it puts the task back into the run queue. If the task is in the queue
 * already, it only sees to it that whom the reactor wakes comes before the others; if the task is
 * not live, it does nothing. */
struct edo_waker edo_task_waker(struct edo_task *task);

/* Cancels the future of the task and ends the task. If it was live its joiner is called, and finds
 * it cancelled; or ended as it has ended, where it was in its last poll.
 * May be called from anywhere, also from a poll.
 *
 * READY: the task has ended. PENDING: it ends later, and its memory must stay until then. That is
 * so if the task is being polled just now, or joins the one that is, which is cancelled when its
 * poll returns; if a shield protects a part of it; if it is a group one of whose members waits for
 * it in turn, and is not over; and if the call comes from inside the cancel of another task, which
 * then also ends this one.
 * In the cancel of a task that it joins, a task counts as ended already: READY, too. Its memory
 * must stay until its joiner has been called.
 *
 * The tasks that it joins, and those that these join, are cancelled in a loop, not by recursion:
 * the stack does not grow with their number. */
enum edo_poll edo_task_cancel(struct edo_task *task);
