#include "task.h"

#include <assert.h>
#include <errno.h>

void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future)
{
    *task = (struct edo_task){.name = name, .future = future, .state = EDO_TASK_NEW};
    edo_list_init(&task->link);
}

static void record(const struct edo_task *task, enum edo_trace_kind kind, const char *to)
{
    struct edo_trace *trace = task->queues->trace;

    edo_trace_record(trace, (struct edo_trace_event){.kind = kind,
                                                     .task = task->id,
                                                     .other = trace->task,
                                                     .to = to,
                                                     .fd = -1,
                                                     .arg = (uint64_t)-task->future->error,
                                                     .name = task->name});
}

static bool is_traced(const struct edo_task *task)
{
    return task->queues != NULL && task->queues->trace != NULL;
}

/* Until end_scope, what futures do is recorded as the doing of `task`. */
struct scope {
    struct edo_trace *trace;
    uint32_t task;
};

static struct scope begin_scope(const struct edo_task *task)
{
    struct edo_trace *trace = task->queues->trace;
    struct scope outer = {edo_trace_of_thread, trace->task};

    edo_trace_of_thread = trace;
    trace->task = task->id;
    return outer;
}

static void end_scope(struct scope outer)
{
    edo_trace_of_thread->task = outer.task;
    edo_trace_of_thread = outer.trace;
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
    task->wakes++;
    if (is_traced(task))
        record(task, EDO_TRACE_WAKE, NULL);
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
    struct edo_waker joiner = task->joiner;
    struct scope outer;

    if (!is_traced(task)) {
        edo_wake(joiner);
        return;
    }
    record(task, EDO_TRACE_DONE, edo_future_state_name(task->future));
    outer = begin_scope(task);
    edo_wake(joiner);
    end_scope(outer);
}

static bool cancel_future(struct edo_task *task)
{
    struct scope outer;
    bool is_let_go;

    if (!is_traced(task))
        return edo_future_cancel(task->future);
    record(task, EDO_TRACE_CANCEL, NULL);
    outer = begin_scope(task);
    is_let_go = edo_future_cancel(task->future);
    end_scope(outer);
    return is_let_go;
}

/* Whether it ended by that. While its future is being cancelled it counts as ended: two tasks that
 * join each other come back here, and nobody being cancelled is woken. If it is held, it is polled
 * once more, to look for what it was not woken for meanwhile. */
static bool cancel_now(struct edo_task *task)
{
    leave_queue(task);
    if (cancel_future(task))
        return true;
    task->state = EDO_TASK_READY;
    edo_list_append(&task->queues->ready, &task->link);
    return false;
}

int edo_task_cancel(struct edo_task *task)
{
    if (task->state == EDO_TASK_ENDED)
        return 0;
    if (task->state == EDO_TASK_POLLED || task->state == EDO_TASK_WOKEN) {
        task->is_to_be_cancelled = true;
        return -EINPROGRESS;
    }
    if (!cancel_now(task))
        return -EINPROGRESS;
    wake_joiner(task);
    return 0;
}

void edo_task_queues_init(struct edo_task_queues *queues, struct edo_trace *trace)
{
    queues->polled = NULL;
    queues->last_id = 0;
    queues->trace = trace;
    edo_list_init(&queues->ready);
    edo_list_init(&queues->waiting);
}

void edo_task_start(struct edo_task *task, struct edo_task_queues *queues)
{
    assert(task->state == EDO_TASK_NEW);
    task->queues = queues;
    task->id = ++queues->last_id;
    task->state = EDO_TASK_READY;
    edo_list_append(&queues->ready, &task->link);
    if (is_traced(task))
        record(task, EDO_TRACE_SPAWN, NULL);
}

static enum edo_poll poll_traced(struct edo_task *task, struct edo_context *cx)
{
    struct scope outer;
    enum edo_poll poll;

    record(task, EDO_TRACE_POLL_BEGIN, NULL);
    outer = begin_scope(task);
    poll = edo_future_poll(task->future, cx);
    end_scope(outer);
    record(task, EDO_TRACE_POLL_END, poll == EDO_READY ? "READY" : "PENDING");
    return poll;
}

void edo_task_poll(struct edo_task *task, struct edo_reactor *reactor,
                   struct edo_executor *executor)
{
    struct edo_context cx = {edo_task_waker(task), reactor, executor};
    enum edo_poll poll;

    assert(task->state == EDO_TASK_READY);
    edo_list_remove(&task->link);
    task->state = EDO_TASK_POLLED;
    task->polls++;
    task->queues->polled = task;
    poll = is_traced(task) ? poll_traced(task, &cx) : edo_future_poll(task->future, &cx);
    task->queues->polled = NULL;
    if (poll == EDO_PENDING && task->is_to_be_cancelled) {
        task->is_to_be_cancelled = false;
        if (!cancel_now(task))
            return;
        poll = EDO_READY;
    }
    if (poll == EDO_READY) {
        leave_queue(task);
        wake_joiner(task);
    } else if (task->state == EDO_TASK_WOKEN) {
        task->state = EDO_TASK_READY;
    } else {
        task->state = EDO_TASK_WAITING;
        edo_list_append(&task->queues->waiting, &task->link);
    }
}
