/* SPDX-License-Identifier: MIT */
/* join_tasks.h - waits for n spawned tasks, whatever becomes of each.
 *
 *   EDO_START --first poll--> JOIN_TASKS_AWAITS_ONE --the last one ended--> EDO_DONE
 *       |                            |
 *       +----------------------------+---- see Result ---> EDO_FAILED
 *
 * The tasks run by themselves, in whatever order. To wait for all of them it is enough to wait for
 * the first that has not ended, and then for the next such: n tasks cost n steps.
 *
 * Result: no value; how each ended is at the task: edo_future_error(tasks[i].future). when
 * its turn came to be waited for, one of the tasks -EINVAL: was not spawned, or on another
 * executor; -EBUSY: was being waited for by somebody else. The tasks then go on.
 *
 * Cancelling the join, from its first poll on, cancels the tasks that have not ended: they are its
 * own. While the cancel of one is pending, so is that of the join, unless somebody else joins it.
 * Memory: the caller's, the join's as well as the tasks'. */
#pragma once

#include "../task/task.h"

struct edo_join_tasks {
    struct edo_future future;
    struct edo_task *tasks;   /* set by init */
    size_t count;             /* set by init */
    size_t next;              /* tasks before this one have ended, or are not waited for */
    struct edo_task *awaited; /* whose joiner this is; NULL: none's */
};

/* Joins tasks[0] ... tasks[count - 1], spawned before the first poll. A count of 0 is ready at
 * once. */
void edo_join_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count);
