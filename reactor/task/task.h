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
 * WOKEN is a task that is woken in the middle of its own poll: it is in the ready queue already.
 * Cancelled while it is being polled, a task ends when that poll returns; while a shield holds a
 * part of its future, when that part has ended; else at once.
 *
 * How it ended is how its future ended: edo_future_outcome(task->future).
 * Memory: the caller's, as are its future and its name; from spawn until ENDED none may move or go
 * away. Then the struct may be used again at once. */
#ifndef EDO_TASK_H
#define EDO_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "future.h"
#include "../base/list.h"
#include "../base/trace.h"
#include "../base/waker.h"

enum edo_task_state {
    EDO_TASK_NEW,
    EDO_TASK_READY,
    EDO_TASK_POLLED,
    EDO_TASK_WOKEN,
    EDO_TASK_WAITING,
    EDO_TASK_ENDED,
};

/* Where the live tasks of an executor are. */
struct edo_task_queues {
    struct edo_task *polled; /* the one being polled, or NULL; when WOKEN, in `ready` as well */
    struct edo_list ready;   /* in the order in which they were woken */
    struct edo_list waiting; /* the longest waiting first */
    uint32_t last_id;
    struct edo_trace *trace; /* NULL: none */
};

struct edo_task {
    struct edo_list link;           /* READY, WOKEN, WAITING: in its queue */
    struct edo_task_queues *queues; /* set by spawn */
    struct edo_future *future;      /* set by init */
    const char *name;               /* set by init */
    struct edo_waker joiner;        /* called once, when it ends; set by who joins it */
    uint32_t id;                    /* 1, 2, 3, ... in the order of spawning */
    uint32_t polls;                 /* how often it was polled, */
    uint32_t wakes;                 /* and put back into the ready queue */
    uint8_t state;                  /* enum edo_task_state */
    bool is_to_be_cancelled;        /* cancelled in the middle of its poll */
};

/* Not while the task is live. `name` is not NULL; `future` must be new, neither polled nor ended.
 */
void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future);

/* Whether it was spawned and has not ended. */
static inline bool edo_task_is_live(const struct edo_task *task)
{
    return task->state != EDO_TASK_NEW && task->state != EDO_TASK_ENDED;
}

/* Back to the ready queue. Does nothing to a task that is in it already, or not live. */
void edo_task_wake(struct edo_task *task);

/* The same as a waker, for whoever makes the task wait. */
struct edo_waker edo_task_waker(struct edo_task *task);

/* Cancels its future and ends it; who joins it is woken and finds it cancelled. From anywhere, a
 * poll included; from inside its own cancel the answer means nothing. After the end it does
 * nothing.
 *
 * 0: it has ended. -EINPROGRESS: it ends later, and its memory must stay until then: it holds, or
 * is itself, the task that is being polled just now, which is cancelled when its poll returns,
 * unless the poll ends it; or a shield holds a part of it. */
int edo_task_cancel(struct edo_task *task);

/* --- For the executor ------------------------------------------------------------------------- */

/* `trace` may be NULL. */
void edo_task_queues_init(struct edo_task_queues *queues, struct edo_trace *trace);

/* NEW becomes READY. */
void edo_task_start(struct edo_task *task, struct edo_task_queues *queues);

/* One poll of a READY task. It may have ended when this returns. */
void edo_task_poll(struct edo_task *task, struct edo_reactor *reactor,
                   struct edo_executor *executor);

#endif
