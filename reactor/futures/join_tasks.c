#include "join_tasks.h"

#include <errno.h>

#include "../base/container_of.h"

enum join_tasks_state { JOIN_TASKS_START = EDO_START, JOIN_TASKS_AWAITS_ONE = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"JOIN_TASKS_AWAITS_ONE"};

/* The first task that has not ended, NULL if all have. */
static struct edo_task *skip_ended(struct edo_join_tasks *join)
{
    while (join->next < join->count && join->tasks[join->next].state == EDO_TASK_ENDED)
        join->next++;
    return join->next < join->count ? &join->tasks[join->next] : NULL;
}

static void await_task(struct edo_join_tasks *join, struct edo_task *task, struct edo_waker waker)
{
    task->joiner = waker;
    join->awaited = task;
    join->future.awaiting = task->future;
}

/* A task has one joiner. */
static bool is_free(const struct edo_join_tasks *join, const struct edo_task *task)
{
    return task->joiner.wake == NULL || join->awaited == task;
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
        if (!is_free(join, task))
            return edo_future_fail(self, -EBUSY);
        await_task(join, task, cx->waker);
        return EDO_PENDING;
    }
    return edo_future_done(self, NULL);
}

/* Awaits the first task that has not ended and that nobody else joins: for others it can't wait.
 * False: there is none. */
static bool await_held(struct edo_join_tasks *join, struct edo_waker waker)
{
    for (size_t i = join->next; i < join->count; i++) {
        struct edo_task *task = &join->tasks[i];

        if (task->state != EDO_TASK_ENDED && is_free(join, task)) {
            await_task(join, task, waker);
            return true;
        }
    }
    return false;
}

static bool join_tasks_cancel(struct edo_future *self)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_waker waker = {0};

    if (join->awaited != NULL) { /* nobody of those being cancelled is woken */
        waker = join->awaited->joiner;
        join->awaited->joiner = (struct edo_waker){0};
    }
    for (size_t i = join->next; i < join->count; i++)
        edo_task_cancel(&join->tasks[i]);
    return !await_held(join, waker);
}

static enum edo_poll join_tasks_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);

    return await_held(join, cx->waker) ? EDO_PENDING : EDO_READY;
}

static const struct edo_future_type join_tasks_type = {.name = "join_tasks",
                                                       .poll = join_tasks_poll,
                                                       .cancel = join_tasks_cancel,
                                                       .poll_cancelled = join_tasks_poll_cancelled,
                                                       .state_names = state_names};

void edo_join_tasks_init(struct edo_join_tasks *join, struct edo_task *tasks, size_t count)
{
    *join = (struct edo_join_tasks){.tasks = tasks, .count = count};
    edo_future_init(&join->future, &join_tasks_type);
}
