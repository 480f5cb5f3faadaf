/* SPDX-License-Identifier: MIT */
#include "task.h"

#include <assert.h>

#include "../base/record.h"
#include "executor.h"
#include "run.h"

void edo_task_init(struct edo_task *task, const char *name, struct edo_future *future)
{
    *task = (struct edo_task){.name = name, .future = future, .state = EDO_TASK_NEW};
    edo_list_init(&task->link);
}

/* NULL: nothing is recorded. */
static struct edo_trace *trace_of(const struct edo_task *task)
{
    return task->executor->reactor.trace;
}

static EDO_NOINLINE struct edo_trace_event *record(const struct edo_task *task,
                                                   enum edo_trace_kind kind, uint64_t arg);
static EDO_NOINLINE void record_wake(const struct edo_task *task, struct edo_cause cause,
                                     const char *how);
static EDO_NOINLINE void wake_joiner_traced(const struct edo_task *task, struct edo_waker joiner,
                                            struct edo_cause cause);
static EDO_NOINLINE enum edo_poll poll_traced(const struct edo_task *task, struct edo_context *cx);
static enum edo_poll cancel_task(struct edo_task *task);

/* What its poll needs, and its end (see prefetch_task in reactor.c). */
static inline void prefetch(const struct edo_task *task)
{
    __builtin_prefetch(task->future);
    __builtin_prefetch(task->live.next);
    __builtin_prefetch(task->live.prev);
}

/* --- Waking ----------------------------------------------------------------------------------- */

/* Out of the run queue. */
static void leave_run_queue(struct edo_task *task)
{
    if (task->executor->last_of_turn == &task->link)
        task->executor->last_of_turn = task->link.prev;
    edo_list_remove(&task->link);
}

static void enter_run_queue(struct edo_task *task)
{
    struct edo_executor *executor = task->executor;

    task->is_urgent = executor->reactor.is_reacting;
    edo_list_append(task->is_urgent ? &executor->urgent : &executor->ready, &task->link);
}

/* It is in the run queue. Whom the reactor wakes comes before the others, also then. */
static EDO_NOINLINE void wake_again(struct edo_task *task, struct edo_cause cause)
{
    if (trace_of(task) != NULL)
        record_wake(task, cause, "again");
    if (task->is_urgent || !task->executor->reactor.is_reacting)
        return;
    leave_run_queue(task);
    enter_run_queue(task);
}

/* gdb: every wake of a task comes through here. Look at task->name and cause; the frames above say
 * who woke it. */
static void wake_task(void *data, struct edo_cause cause)
{
    struct edo_task *task = data;

    switch ((enum edo_task_state)task->state) {
    case EDO_TASK_NEW:
    case EDO_TASK_CANCELLING:
    case EDO_TASK_ENDED:
        return;
    case EDO_TASK_READY:
    case EDO_TASK_WOKEN:
        wake_again(task, cause);
        return;
    case EDO_TASK_WAITING:
        task->state = EDO_TASK_READY;
        prefetch(task);
        break;
    case EDO_TASK_POLLED:
        task->state = EDO_TASK_WOKEN;
        break;
    }
    if (trace_of(task) != NULL)
        record_wake(task, cause, NULL);
    enter_run_queue(task);
}

struct edo_waker edo_task_waker(struct edo_task *task)
{
    return (struct edo_waker){wake_task, task};
}

/* The last touch: from here on the struct is the caller's again. Of the executor's lists it is only
 * in the one of live tasks, or was woken in its last poll. */
static void end_task(struct edo_task *task)
{
    bool is_cancelled = task->future->state == EDO_CANCELLED;
    struct edo_cause cause = {.kind = is_cancelled ? EDO_CAUSE_CANCEL : EDO_CAUSE_TASK,
                              .id = task->id};

    edo_list_remove(&task->link);
    edo_list_remove(&task->live);
    task->state = EDO_TASK_ENDED;
    if (trace_of(task) != NULL)
        wake_joiner_traced(task, task->joiner, cause);
    else
        edo_wake_because(task->joiner, cause);
}

/* --- Polling ---------------------------------------------------------------------------------- */

void edo_task_start(struct edo_task *task, struct edo_executor *executor)
{
    assert(task->state == EDO_TASK_NEW);
    task->executor = executor;
    task->id = ++executor->last_id;
    task->state = EDO_TASK_READY;
    edo_list_append(&executor->live, &task->live);
    edo_list_append(&executor->ready, &task->link);
    if (trace_of(task) != NULL)
        record(task, EDO_TRACE_SPAWN,
               trace_of(task) == edo_trace_of_thread ? edo_future_number_of_polled() : 0);
}

static enum edo_poll poll_future(struct edo_task *task)
{
    struct edo_executor *executor = task->executor;
    struct edo_context cx = {edo_task_waker(task), &executor->reactor, executor};

    return trace_of(task) == NULL ? edo_future_poll(task->future, &cx) : poll_traced(task, &cx);
}

void edo_task_poll(struct edo_task *task)
{
    struct edo_executor *executor = task->executor;
    enum edo_poll poll;

    assert(task->state == EDO_TASK_READY);
    edo_list_remove(&task->link);
    task->state = EDO_TASK_POLLED;
    task->asked_in = 0; /* that cancel is over */
    executor->polls++;
    executor->polled = task;
    executor->budget = EDO_BUDGET;
    poll = poll_future(task);
    executor->polled = NULL;
    if (poll == EDO_READY) {
        end_task(task);
    } else if (task->is_to_be_cancelled) {
        task->is_to_be_cancelled = false;
        cancel_task(task);
    } else if (task->state == EDO_TASK_WOKEN) {
        task->state = EDO_TASK_READY;
    } else {
        task->state = EDO_TASK_WAITING;
    }
}

/* === From here on: the evening ================================================================ */

/* --- Cancelling --------------------------------------------------------------------------------
 *
 * Cancelling a task cancels the tasks that it joins, and so on. Each is asked to be cancelled from
 * inside its parent's cancel, so recursion would need stack for each link of the chain. Instead the
 * ask puts the task on a list, and the outermost cancel works the list off like a stack: the asked
 * first, then their parent again, whose children have ended by then. */

static struct edo_task *first_of(struct edo_list *list)
{
    return edo_container_of(list->next, struct edo_task, link);
}

static enum edo_poll cancel_future(struct edo_task *task)
{
    struct edo_trace *trace = trace_of(task);
    uint32_t before = edo_record_as(trace, task->id);
    const struct edo_future *outer = edo_root_of_thread;
    enum edo_poll poll;

    edo_root_of_thread = task->future;
    poll = edo_future_cancel(task->future);
    edo_root_of_thread = outer;
    edo_record_as(trace, before);
    return poll;
}

/* The asked come before all others, in the order in which they were asked for. */
static void take_asked(struct edo_executor *executor, struct edo_list *stack)
{
    while (!edo_list_is_empty(&executor->asked)) {
        struct edo_list *link = executor->asked.prev;

        edo_list_remove(link);
        edo_list_append(stack->next, link); /* in front */
    }
}

/* After its cancel: it has ended, or goes on until what it waits for has. */
static enum edo_poll settle(struct edo_task *task, bool is_released)
{
    const struct edo_executor *executor = task->executor;

    task->asked_in = executor->cancels;
    task->waits_for_polled = !is_released && executor->meets_polled;
    task->waits_for_outer = !is_released && executor->meets_outer;
    /* When closing, shields give way. */
    assert(is_released || !executor->is_closing || task->waits_for_outer);
    edo_list_remove(&task->link);
    if (is_released || (executor->is_closing && !task->waits_for_outer)) {
        end_task(task);
        return EDO_READY;
    }
    task->state = EDO_TASK_WAITING;
    wake_task(task, (struct edo_cause){.kind = EDO_CAUSE_CANCEL, .id = task->id});
    return EDO_PENDING;
}

/* While its future is being cancelled a task counts as ended: of two tasks that join each other,
 * the second must not wait for the first. A task whose cancel is pending is polled once more, to
 * look for what it was not woken for meanwhile. */
static enum edo_poll cancel_asked(struct edo_executor *executor)
{
    enum edo_poll poll = EDO_PENDING;
    struct edo_list stack;

    edo_list_init(&stack);
    for (take_asked(executor, &stack); !edo_list_is_empty(&stack); take_asked(executor, &stack)) {
        struct edo_task *task = first_of(&stack);
        bool is_released;

        executor->meets_polled = executor->meets_outer = false;
        if (task->state == EDO_TASK_CANCELLING && trace_of(task) != NULL)
            record(task, EDO_TRACE_CANCEL, 0);
        task->state = EDO_TASK_ENDED;
        is_released = cancel_future(task) == EDO_READY;
        if (!is_released && !edo_list_is_empty(&executor->asked))
            continue;
        poll = settle(task, is_released);
    }
    return poll; /* of the last, which was asked first */
}

/* Puts a live task on the list. */
static void ask(struct edo_task *task)
{
    leave_run_queue(task);
    task->state = EDO_TASK_CANCELLING;
    task->waits_for_outer = false; /* settle says it anew */
    edo_list_append(&task->executor->asked, &task->link);
}

/* The outermost cancel. Nobody may run or close the executor from inside it. */
static enum edo_poll cancel_task(struct edo_task *task)
{
    struct edo_executor *executor = task->executor;
    struct edo_trace *outer = edo_trace_of_thread;
    bool was_running = executor->is_running;
    enum edo_poll poll;

    edo_trace_of_thread = trace_of(task);
    executor->is_running = executor->is_cancelling = true;
    if (++executor->cancels == 0)
        executor->cancels = 1; /* 0 is that of none */
    ask(task);
    poll = cancel_asked(executor);
    executor->is_cancelling = false;
    executor->is_running = was_running;
    edo_trace_of_thread = outer;
    return poll;
}

/* Whether its cancel is, and asking again would change nothing. It would, where the task waits for
 * one that was in its poll then, and is not any more: that one counts as ended now, if it is being
 * cancelled. Or for an outer one, and that cancel is over. While closing each is asked once more by
 * itself, but one that waits for an outer one not again and again by those that join it. */
static bool is_pending(const struct edo_task *task)
{
    const struct edo_executor *executor = task->executor;
    bool is_free_now = (task->waits_for_polled && executor->polled == NULL) ||
                       (task->waits_for_outer && task->asked_in != executor->cancels);

    return task->future->is_cancelled && !is_free_now &&
           (!executor->is_closing || (task->waits_for_outer && executor->is_cancelling));
}

enum edo_poll edo_task_cancel(struct edo_task *task)
{
    switch ((enum edo_task_state)task->state) {
    case EDO_TASK_ENDED:
        return EDO_READY;
    case EDO_TASK_NEW:
        task->state = EDO_TASK_ENDED;
        return edo_future_cancel(task->future);
    case EDO_TASK_POLLED:
    case EDO_TASK_WOKEN:
        task->is_to_be_cancelled = true;
        task->waits_for_outer = false; /* that cancel says it anew */
        task->executor->meets_polled = true;
        return EDO_PENDING;
    case EDO_TASK_READY:
    case EDO_TASK_WAITING:
        if (!is_pending(task))
            break;
        task->executor->meets_polled |= task->waits_for_polled; /* so does who waits for it */
        task->executor->meets_outer |= task->waits_for_outer;
        return EDO_PENDING;
    case EDO_TASK_CANCELLING: /* now before those that were asked for earlier */
        break;
    }
    if (!task->executor->is_cancelling)
        return cancel_task(task);
    ask(task);
    return EDO_PENDING;
}

/* --- Recording -------------------------------------------------------------------------------- */

/* About a task, by the one that is being polled. Only where there is a trace. */
static EDO_NOINLINE struct edo_trace_event *record(const struct edo_task *task,
                                                   enum edo_trace_kind kind, uint64_t arg)
{
    struct edo_trace *trace = trace_of(task);
    struct edo_trace_event *event = edo_record(trace, kind, trace->task, arg);

    event->task = task->id;
    event->name = task->name;
    return event;
}

/* `how`: "again" for one that is in the run queue already. */
static EDO_NOINLINE void record_wake(const struct edo_task *task, struct edo_cause cause,
                                     const char *how)
{
    static const char *const causes[] = {"program", "timer",  "fd",    "task",   "channel",
                                         "group",   "cancel", "yield", "notify", "peer",
                                         "signal",  "child",  "thread"};
    struct edo_trace_event *event = record(task, EDO_TRACE_WAKE, cause.id);

    event->from = causes[cause.kind];
    event->to = how;
}

static EDO_NOINLINE void wake_joiner_traced(const struct edo_task *task, struct edo_waker joiner,
                                            struct edo_cause cause)
{
    struct edo_trace *trace = trace_of(task);
    uint32_t before;

    record(task, EDO_TRACE_DONE, (uint64_t)-task->future->error)->to =
        edo_future_state_name(task->future);
    before = edo_record_as(trace, task->id);
    edo_wake_because(joiner, cause);
    edo_record_as(trace, before);
}

static EDO_NOINLINE enum edo_poll poll_traced(const struct edo_task *task, struct edo_context *cx)
{
    const struct edo_future *outer = edo_root_of_thread;
    enum edo_poll poll;
    uint32_t before;

    record(task, EDO_TRACE_POLL_BEGIN, 0);
    before = edo_record_as(trace_of(task), task->id);
    edo_root_of_thread = task->future;
    poll = edo_future_poll(task->future, cx);
    edo_root_of_thread = outer;
    edo_record_as(trace_of(task), before);
    record(task, EDO_TRACE_POLL_END, 0)->to = poll == EDO_READY ? "READY" : "PENDING";
    return poll;
}
