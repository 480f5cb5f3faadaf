#include "join_tasks.h"

#include <errno.h>

#include "container_of.h"

enum join_tasks_state { JOIN_TASKS_START = EDO_START, JOIN_TASKS_AWAITS_ONE = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"JOIN_TASKS_AWAITS_ONE"};

/* The first task that has not ended, NULL if all have. */
static struct edo_task *skip_ended(struct edo_join_tasks *join)
{
    while (join->next < join->count && join->tasks[join->next].state == EDO_TASK_ENDED)
        join->next++;
    return join->next < join->count ? &join->tasks[join->next] : NULL;
}

static enum edo_poll wait_for(struct edo_join_tasks *join, struct edo_task *task,
                              struct edo_context *cx)
{
    bool is_mine = join->future.awaiting == task->future;

    if (task->joiner.wake != NULL && !is_mine)
        return edo_future_fail(&join->future, -EBUSY);
    task->joiner = cx->waker;
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
        if (task != NULL)
            return wait_for(join, task, cx);
        break;
    }
    return edo_future_done(self, NULL);
}

static bool join_tasks_cancel(struct edo_future *self)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_task *first = &join->tasks[join->next];
    struct edo_waker waker = {0};
    struct edo_task *held;

    if (self->awaiting != NULL && join->next < join->count) {
        waker = first->joiner;
        first->joiner = (struct edo_waker){0}; /* nobody of those being cancelled is woken */
    }
    for (size_t i = join->next; i < join->count; i++)
        edo_task_cancel(&join->tasks[i]);
    held = skip_ended(join);
    if (held == NULL)
        return true;
    held->joiner = waker;
    return false;
}

static enum edo_poll join_tasks_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join_tasks *join = edo_container_of(self, struct edo_join_tasks, future);
    struct edo_task *held = skip_ended(join);

    if (held == NULL)
        return EDO_READY;
    held->joiner = cx->waker;
    return EDO_PENDING;
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
