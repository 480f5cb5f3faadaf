/* SPDX-License-Identifier: MIT */
/* join_tasks.h - waits for n spawned tasks, whatever becomes of each.
 *
 *   EDO_START --first poll--> JOIN_TASKS_AWAITS_ONE --all ended--> EDO_DONE
 *       |                            |
 *       +----------------------------+---- see Result ---> EDO_FAILED
 *
 * The tasks run by themselves, in whatever order. To wait for all of them it is enough to wait for
 * the first that has not ended, and then for the next one that has not: n tasks cost n polls.
 *
 * If a task can't be waited for, the join fails, and the tasks go on. Result: no value; how each
 * ended is at the task: edo_future_error(tasks[i].future). -EINVAL: a task was not spawned, or by
 * another executor; -EBUSY: somebody else waits for a task.
 *
 * From its first poll on the tasks belong to the join: cancelling it cancels those that have not
 * ended, but for one that was not spawned, or by another executor. Its cancel is pending while that
 * of a task is, unless at that time somebody else joins that task, and does not only look at it, or
 * that task waits for the one that joins it.
 * Memory: the caller's, the join's as well as the tasks', which must not be used again before the
 * join has ended. */
#pragma once

#include "../task/task.h"

struct edo_join_tasks {
    struct edo_future future;      /* to be awaited */
    struct edo_task *tasks;        /* set by init */
    size_t count;                  /* set by init */
    size_t next;                   /* tasks before this one have ended, or are not waited for */
    bool only_looks;               /* set by init: a cancel leaves the tasks alone */
    struct edo_executor *executor; /* that the tasks are of */
    struct edo_waker waker;        /* whom to wake when one that it waits for has ended */
    struct edo_join_tasks *owner;  /* if this only looks: who waits for the same one behind it */
};

/* Joins tasks[0] ... tasks[count - 1], spawned before the first poll. A count of 0 is ready at
 * once. */
void edo_join_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count);

/* The same, but the tasks are not its own: cancelling it leaves them running. So a timeout around
 * it limits how long is waited, and not how long they run. */
void edo_await_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count);
