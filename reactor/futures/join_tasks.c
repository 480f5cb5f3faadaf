/* SPDX-License-Identifier: MIT */
#include "join_tasks.h"

enum join_tasks_state { JOIN_TASKS_START = EDO_START, JOIN_TASKS_AWAITS_ONE = EDO_FIRST_AWAIT };

static const char *const join_tasks_states[] = {"JOIN_TASKS_AWAITS_ONE"};

/* The first task that has not ended, NULL if all have. */
static struct edo_task *skip_ended(struct edo_join_tasks *join)
{
    while (join->next < join->count && join->tasks[join->next].state == EDO_TASK_ENDED)
        join->next++;
    return join->next < join->count ? &join->tasks[join->next] : NULL;
}

/* A task has one joiner. */
static bool is_free(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return task->joiner.wake == NULL || join->awaited == task;
}

static enum edo_poll await_task(struct edo_join_tasks *join, struct edo_task *task,
                                struct edo_waker waker)
{
    task->joiner = waker;
    join->awaited = task;
    join->future.awaiting = task->future;
    return EDO_PENDING;
}

static enum edo_poll join_tasks_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_task *task;

    switch ((enum join_tasks_state)self->state) {
    case JOIN_TASKS_START:
        edo_future_goto(self, JOIN_TASKS_AWAITS_ONE);
        /* fall through */
    case JOIN_TASKS_AWAITS_ONE:
        task = skip_ended(join);
        if (task == NULL)
            break;
        if (task->executor != cx->executor)
            return edo_future_fail(self, -EINVAL);
        if (!is_free(join, task))
            return edo_future_fail(self, -EBUSY);
        return await_task(join, task, cx->waker);
    }
    return edo_future_done(self, NULL);
}

/* Whether it is of the executor that the others are of. If not, it is not the join's to cancel. */
static bool is_here(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return task->executor == join->awaited->executor;
}

/* Waits for the next whose cancel is pending, but not for one that somebody else joins, nor for one
 * that waits for this very task. */
static enum edo_poll await_cancelled(struct edo_join_tasks *join, struct edo_waker waker)
{
    struct edo_task *task = skip_ended(join);

    for (; task != NULL && (!is_here(join, task) || !is_free(join, task) || task->waits_for_outer);
         task = skip_ended(join))
        join->next++;
    return task != NULL ? await_task(join, task, waker) : EDO_READY;
}

static enum edo_poll join_tasks_cancel(struct edo_future *self)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_waker waker = join->awaited->joiner;

    join->awaited->joiner = (struct edo_waker){0}; /* those it cancels don't wake it */
    if (join->only_looks)
        return EDO_READY;
    for (size_t i = join->next; i < join->count; i++)
        if (is_here(join, &join->tasks[i]))
            edo_task_cancel(&join->tasks[i]);
    return await_cancelled(join, waker);
}

static enum edo_poll join_tasks_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return await_cancelled(edo_container_of(self, struct edo_join_tasks, future), cx->waker);
}

static const struct edo_part join_tasks_parts[] = {
    {.kind = EDO_PART_TASKS,
     .at = offsetof(struct edo_join_tasks, tasks),
     .count_at = offsetof(struct edo_join_tasks, count),
     .size = sizeof(struct edo_task)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type join_tasks_type = {"join_tasks",      join_tasks_poll,
                                                       join_tasks_cancel, join_tasks_poll_cancelled,
                                                       join_tasks_states, join_tasks_parts};

void edo_join_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count)
{
    *join = (struct edo_join_tasks){.tasks = tasks, .count = count};
    edo_future_init(&join->future, &join_tasks_type);
}

void edo_await_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count)
{
    edo_join_tasks_init(join, tasks, count);
    join->only_looks = true;
}
