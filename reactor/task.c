#include "task.h"

#include <assert.h>
#include <errno.h>

void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future)
{
    *task = (struct edo_task){.name = name, .future = future, .state = EDO_TASK_NEW};
    edo_list_init(&task->link);
}

bool edo_task_is_live(const struct edo_task *task)
{
    return task->state != EDO_TASK_NEW && task->state != EDO_TASK_ENDED;
}

/* gdb: every wake of a task comes through here. Look at task->name and task->state; the frames
 * above say who woke it. */
void edo_task_wake(struct edo_task *task)
{
    switch ((enum edo_task_state)task->state) {
    case EDO_TASK_NEW:
    case EDO_TASK_READY:
    case EDO_TASK_WOKEN:
    case EDO_TASK_ENDED:
        return;
    case EDO_TASK_WAITING:
        edo_list_remove(&task->link);
        task->state = EDO_TASK_READY;
        break;
    case EDO_TASK_POLLED:
        task->state = EDO_TASK_WOKEN;
        break;
    }
    edo_list_append(&task->queues->ready, &task->link);
}

static void wake(void *data)
{
    edo_task_wake(data);
}

struct edo_waker edo_task_waker(struct edo_task *task)
{
    return (struct edo_waker){wake, task};
}

static void leave_queue(struct edo_task *task)
{
    edo_list_remove(&task->link);
    task->state = EDO_TASK_ENDED;
}

/* The last touch: from here on the struct is the caller's again. */
static void wake_joiner(struct edo_task *task)
{
    edo_wake(task->joiner);
}

static bool is_being_cancelled(const struct edo_task *task)
{
    return task != NULL && task->is_to_be_cancelled;
}

int edo_task_cancel(struct edo_task *task)
{
    int error;

    if (task->state == EDO_TASK_ENDED)
        return 0;
    if (task->state == EDO_TASK_POLLED || task->state == EDO_TASK_WOKEN) {
        task->is_to_be_cancelled = true;
        return -EINPROGRESS;
    }
    /* Ended before its future is cancelled: two tasks that join each other come back here. */
    leave_queue(task);
    edo_future_cancel(task->future);
    error = task->queues && is_being_cancelled(task->queues->polled) ? -EINPROGRESS : 0;
    wake_joiner(task);
    return error;
}

void edo_task_queues_init(struct edo_task_queues *queues)
{
    queues->polled = NULL;
    edo_list_init(&queues->ready);
    edo_list_init(&queues->waiting);
}

void edo_task_start(struct edo_task *task, struct edo_task_queues *queues)
{
    assert(task->state == EDO_TASK_NEW);
    task->queues = queues;
    task->state = EDO_TASK_READY;
    edo_list_append(&queues->ready, &task->link);
}

void edo_task_poll(struct edo_task *task, struct edo_reactor *reactor,
                   struct edo_executor *executor)
{
    struct edo_context cx = {edo_task_waker(task), reactor, executor};
    enum edo_poll poll;

    assert(task->state == EDO_TASK_READY);
    edo_list_remove(&task->link);
    task->state = EDO_TASK_POLLED;
    task->queues->polled = task;
    poll = edo_future_poll(task->future, &cx);
    task->queues->polled = NULL;
    if (poll == EDO_PENDING && task->is_to_be_cancelled)
        edo_future_cancel(task->future);

    if (edo_future_has_ended(task->future)) {
        leave_queue(task);
        wake_joiner(task);
    } else if (task->state == EDO_TASK_WOKEN) {
        task->state = EDO_TASK_READY;
    } else {
        task->state = EDO_TASK_WAITING;
        edo_list_append(&task->queues->waiting, &task->link);
    }
}
