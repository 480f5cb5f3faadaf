/* SPDX-License-Identifier: MIT */
#include "join_tasks.h"

enum join_tasks_state { JOIN_TASKS_START = EDO_START, JOIN_TASKS_AWAITS_ONE = EDO_FIRST_AWAIT };

static const char *const join_tasks_states[] = {"JOIN_TASKS_AWAITS_ONE"};

/* --- The joiner of a task --------------------------------------------------------------------- */

static void one_ended(void *data, struct edo_cause cause)
{
    const struct edo_join_tasks *join = data;

    edo_wake_because(join->waker, cause);
}

/* The same for a join that only looks, and for who waits behind it. A waker may cancel that one. */
static void looked_at_ended(void *data, struct edo_cause cause)
{
    struct edo_join_tasks *join = data;
    struct edo_waker owner = join->owner != NULL ? join->owner->waker : (struct edo_waker){0};

    join->owner = NULL;
    edo_wake_because(join->waker, cause);
    edo_wake_because(owner, cause);
}

static struct edo_waker joiner_of(struct edo_join_tasks *join)
{
    return (struct edo_waker){join->only_looks ? looked_at_ended : one_ended, join};
}

static bool is_its_joiner(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return task->joiner.data == join &&
           task->joiner.wake == (join->only_looks ? looked_at_ended : one_ended);
}

/* The join that only looks at the task; NULL: none, or the task is over. */
static struct edo_join_tasks *looker_of(const struct edo_task *task)
{
    bool is_over = edo_list_is_empty(&task->live);

    return task->joiner.wake == looked_at_ended && !is_over ? task->joiner.data : NULL;
}

/* Whether an owner may wait for it: somebody who only looks, and may stop to, does not count. */
static bool has_place(const struct edo_task *task)
{
    const struct edo_join_tasks *looker = looker_of(task);

    return looker != NULL ? looker->owner == NULL : task->joiner.wake == NULL;
}

static void take_place(struct edo_join_tasks *join, struct edo_task *task)
{
    struct edo_join_tasks *looker = looker_of(task);

    if (looker != NULL)
        looker->owner = join;
    else
        task->joiner = joiner_of(join);
}

/* Who only looked leaves it to the owner behind. */
static void leave_place(struct edo_join_tasks *join, struct edo_task *task)
{
    struct edo_join_tasks *looker = looker_of(task);

    if (is_its_joiner(join, task))
        task->joiner = join->owner != NULL ? joiner_of(join->owner) : (struct edo_waker){0};
    else if (looker != NULL && looker->owner == join)
        looker->owner = NULL;
}

static bool has_taken_place(const struct edo_join_tasks *join, const struct edo_task *task)
{
    const struct edo_join_tasks *looker = looker_of(task);

    return looker != NULL ? looker->owner == join : is_its_joiner(join, task);
}

/* --- Waiting ---------------------------------------------------------------------------------- */

/* The first task that has not ended, NULL if all have. */
static struct edo_task *skip_ended(struct edo_join_tasks *join)
{
    while (join->next < join->count && join->tasks[join->next].state == EDO_TASK_ENDED)
        join->next++;
    return join->next < join->count ? &join->tasks[join->next] : NULL;
}

static enum edo_poll join_tasks_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_task *task;

    switch ((enum join_tasks_state)self->state) {
    case JOIN_TASKS_START:
        join->executor = cx->executor;
        edo_future_goto(self, JOIN_TASKS_AWAITS_ONE);
        /* fall through */
    case JOIN_TASKS_AWAITS_ONE:
        task = skip_ended(join);
        if (task == NULL)
            break;
        if (task->state == EDO_TASK_NEW || task->executor != cx->executor)
            return edo_future_fail(self, -EINVAL);
        if (task->joiner.wake != NULL && !is_its_joiner(join, task)) /* it has one */
            return edo_future_fail(self, -EBUSY);
        join->waker = cx->waker;
        task->joiner = joiner_of(join);
        self->awaiting = task->future;
        return EDO_PENDING;
    }
    return edo_future_done(self, NULL);
}

/* --- Cancelling ------------------------------------------------------------------------------- */

/* Cancels those that are of its executor; the others are not the join's to cancel. They don't wake
 * it. */
static void cancel_tasks(struct edo_join_tasks *join)
{
    for (size_t i = join->next; i < join->count; i++) {
        struct edo_task *task = &join->tasks[i];

        leave_place(join, task);
        if (!join->only_looks && task->executor == join->executor)
            edo_task_cancel(task);
    }
}

/* Whether it waits for a task whose cancel is pending: not for one that another owner joins, nor
 * for one that waits for who is being cancelled now. */
static bool is_to_be_awaited(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return edo_task_is_live(task) && task->executor == join->executor && has_place(task) &&
           !task->waits_for_outer;
}

static bool is_awaited(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return edo_task_is_live(task) && has_taken_place(join, task);
}

/* The next one that it waits for. */
static enum edo_poll await_cancelled(struct edo_join_tasks *join)
{
    while (join->next < join->count && !is_awaited(join, &join->tasks[join->next]))
        join->next++;
    if (join->next == join->count)
        return EDO_READY;
    join->future.awaiting = join->tasks[join->next].future;
    return EDO_PENDING;
}

/* Who waits for whom can only be told now, so it is decided for all. */
static enum edo_poll join_tasks_cancel(struct edo_future *self)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);

    cancel_tasks(join);
    if (join->only_looks)
        return EDO_READY;
    for (size_t i = join->next; i < join->count; i++)
        if (is_to_be_awaited(join, &join->tasks[i]))
            take_place(join, &join->tasks[i]);
    return await_cancelled(join);
}

static enum edo_poll join_tasks_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);

    join->waker = cx->waker;
    return await_cancelled(join);
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
