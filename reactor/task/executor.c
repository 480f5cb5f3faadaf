/* SPDX-License-Identifier: MIT */
#include "executor.h"

#include <assert.h>

#include "../base/record.h"
#include "../base/ticks.h"
#include "../kernel/timer_driver.h"
#include "run.h"

/* So long may a busy executor go without a look at the kernel, which takes half a us: a system call
 * per turn would be a tenfold of what a turn costs (reactor/README.md has the figures). */
#define TIME_PER_LOOK EDO_US(10)

static struct edo_task *task_of(const struct edo_list *link)
{
    return edo_container_of(link, struct edo_task, link);
}

static struct edo_task *live_task_of(const struct edo_list *live)
{
    return edo_container_of(live, struct edo_task, live);
}

/* --- The loop --------------------------------------------------------------------------------- */

/* Whether a look at the kernel could find something. */
static bool is_time_to_look(const struct edo_executor *executor)
{
    const struct edo_reactor *reactor = &executor->reactor;

    if (reactor->pending == reactor->never_count)
        return false;
    return edo_reactor_has_due(reactor) || executor->is_look_due ||
           edo_ticks_have_passed(&executor->since_look, &reactor->clock);
}

static void note_look(struct edo_executor *executor)
{
    const struct edo_clock *clock = &executor->reactor.clock;

    /* Not since the look itself: the wakers may have taken long. */
    edo_ticks_start(&executor->since_look, edo_clock_now(clock), TIME_PER_LOOK);
}

static bool has_ready_tasks(const struct edo_executor *executor)
{
    return !edo_list_is_empty(&executor->ready) || !edo_list_is_empty(&executor->urgent);
}

static bool has_live_tasks(const struct edo_executor *executor)
{
    return !edo_list_is_empty(&executor->live);
}

static void poll_and_warn(struct edo_task *task);

static void poll_task(const struct edo_executor *executor, struct edo_task *task)
{
    if (executor->warn_slow == NULL)
        edo_task_poll(task);
    else
        poll_and_warn(task);
}

static void poll_urgent(const struct edo_executor *executor)
{
    while (!edo_list_is_empty(&executor->urgent))
        poll_task(executor, task_of(executor->urgent.next));
}

/* In the middle of a long turn. It is no look at the kernel, which stays due. */
static void look_at_time(struct edo_executor *executor)
{
    if (!edo_reactor_keeps_time(&executor->reactor) ||
        !edo_ticks_have_passed(&executor->since_look, &executor->reactor.clock))
        return;
    edo_reactor_react_to_time(&executor->reactor);
    note_look(executor);
    executor->is_look_due = true;
    poll_urgent(executor);
}

/* Polls the run queue as it stands, those that the reactor has woken first. A timer that comes due
 * meanwhile does not wait for the end of the turn: its task is polled next. */
static void poll_turn(struct edo_executor *executor)
{
    executor->last_of_turn = executor->ready.prev;
    poll_urgent(executor);
    while (executor->last_of_turn != &executor->ready) {
        struct edo_task *task = task_of(executor->ready.next);

        if (executor->last_of_turn == &task->link)
            executor->last_of_turn = &executor->ready;
        poll_task(executor, task);
        if (executor->last_of_turn != &executor->ready)
            look_at_time(executor);
    }
}

/* How long the loop runs: to the end, one turn, one turn that doesn't wait. */
enum run_for { TASK_OR_ALL, TURN, TURN_NOW };

/* The loop: turn after turn, until `task` has ended, or with NULL until all have. What futures do
 * meanwhile goes into this executor's trace. */
static int run(struct edo_executor *executor, const struct edo_task *task, enum run_for run_for)
{
    struct edo_reactor *reactor = &executor->reactor;
    struct edo_trace *outer = edo_trace_of_thread;
    const struct edo_future *outer_root = edo_root_of_thread;
    int woken = 0;

    if (executor->is_running)
        return -EBUSY;
    executor->is_running = true;
    executor->is_stopped = false;
    edo_trace_of_thread = reactor->trace;
    edo_root_of_thread = NULL;
    edo_reactor_end_sleep(reactor); /* of another loop */
    while (woken >= 0 && (task != NULL ? edo_task_is_live(task) : has_live_tasks(executor))) {
        bool is_idle = !has_ready_tasks(executor);

        if (is_idle || is_time_to_look(executor)) {
            woken =
                edo_reactor_react(reactor, is_idle && run_for != TURN_NOW ? EDO_WAIT : EDO_NO_WAIT);
            note_look(executor);
            executor->is_look_due = false;
        }
        poll_turn(executor);
        if (run_for != TASK_OR_ALL || executor->is_stopped)
            break;
    }
    edo_trace_of_thread = outer;
    edo_root_of_thread = outer_root;
    executor->is_running = false;
    if (executor->is_stopped)
        return -EINTR;
    return woken < 0 ? woken : 0;
}

int edo_executor_spawn(struct edo_executor *executor, struct edo_task *task)
{
    if (edo_task_is_live(task))
        return -EBUSY;
    if (task->state != EDO_TASK_NEW || task->future->state != EDO_START)
        return -EINVAL;
    if (executor->is_closing)
        return -ESHUTDOWN;
    edo_task_start(task, executor);
    return 0;
}

int edo_executor_block_on(struct edo_executor *executor, struct edo_task *task)
{
    int error = 0;

    if (executor->is_running)
        return -EBUSY;
    if (task->state == EDO_TASK_NEW)
        error = edo_executor_spawn(executor, task);
    else if (task->executor != executor ||
             (!edo_task_is_live(task) && !edo_future_has_ended(task->future)))
        error = -EINVAL;
    if (error)
        return error;
    error = run(executor, task, TASK_OR_ALL);
    return edo_task_is_live(task) ? error : 0;
}

/* === From here on: the evening ================================================================ */

int edo_executor_run(struct edo_executor *executor)
{
    return run(executor, NULL, TASK_OR_ALL);
}

int edo_executor_turn(struct edo_executor *executor)
{
    return run(executor, NULL, TURN);
}

int edo_executor_turn_now(struct edo_executor *executor)
{
    return run(executor, NULL, TURN_NOW);
}

void edo_executor_stop(struct edo_executor *executor)
{
    executor->is_stopped = true;
}

int edo_executor_prepare(struct edo_executor *executor)
{
    if (executor->is_running)
        return -EBUSY;
    if (has_live_tasks(executor) && !has_ready_tasks(executor))
        return edo_reactor_prepare(&executor->reactor);
    edo_reactor_end_sleep(&executor->reactor); /* that an earlier call has begun */
    return has_live_tasks(executor) ? 1 : -EDEADLK;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

int edo_executor_open(struct edo_executor *executor, const struct edo_reactor_options *options)
{
    int error = edo_reactor_open(&executor->reactor, options);

    executor->reactor.spin.vain_wake = edo_task_waker(NULL).wake;
    edo_list_init(&executor->ready);
    edo_list_init(&executor->urgent);
    edo_list_init(&executor->live);
    edo_list_init(&executor->asked);
    executor->last_of_turn = &executor->ready;
    executor->polled = NULL;
    executor->last_id = 0;
    executor->polls = 0;
    executor->cancels = 0;
    executor->warn_slow = NULL;
    executor->layout = edo_layout;
    executor->is_look_due = false;
    executor->is_running = false;
    executor->is_stopped = false;
    executor->is_cancelling = false;
    executor->is_closing = error < 0;
    edo_ticks_init(&executor->since_look, &executor->reactor.clock);
    return error;
}

int edo_executor_close(struct edo_executor *executor)
{
    if (executor->is_running)
        return -EBUSY;
    executor->is_running = true; /* a cancel that closes again is refused */
    executor->is_closing = true;
    edo_reactor_detach(&executor->reactor);
    while (has_live_tasks(executor)) /* each cancel takes one out, which is not touched any more */
        edo_task_cancel(live_task_of(executor->live.prev));
    executor->is_running = false;
    return edo_reactor_close(&executor->reactor);
}

/* --- Slow polls ------------------------------------------------------------------------------- */

void edo_executor_warn_slow(struct edo_executor *executor, uint64_t limit_ns,
                            void (*warn)(const char *task, uint64_t took_ns))
{
    executor->slow_ns = limit_ns;
    executor->warn_slow = warn;
}

/* When its poll returns the task may be gone; its name is not the task's. */
static void poll_and_warn(struct edo_task *task)
{
    const struct edo_executor *executor = task->executor;
    const struct edo_clock *clock = &executor->reactor.clock;
    const char *name = task->name; /* cppcheck-suppress variableScope ; read before the poll */
    uint64_t began_ns = edo_clock_now(clock);
    uint64_t took_ns;

    edo_task_poll(task);
    took_ns = edo_clock_now(clock) - began_ns;
    if (executor->warn_slow != NULL && took_ns > executor->slow_ns)
        executor->warn_slow(name, took_ns);
}

/* --- For views -------------------------------------------------------------------------------- */

/* Between polls none is. */
static bool is_polled(const struct edo_task *task)
{
    const struct edo_task *polled = task->executor->polled;

    return polled != NULL && polled == task;
}

/* One that is not being polled. */
static bool is_in_queue(const struct edo_task *task)
{
    return task->state == EDO_TASK_READY;
}

/* The first from `at` on that waits. */
static const struct edo_task *waiting_from(const struct edo_executor *executor,
                                           const struct edo_list *at)
{
    for (; at != &executor->live; at = at->next)
        if (!is_polled(live_task_of(at)) && !is_in_queue(live_task_of(at)))
            return live_task_of(at);
    return NULL;
}

/* The queues are circles; at its head the walk goes on with the next one. */
const struct edo_task *edo_executor_next_task(const struct edo_executor *executor,
                                              const struct edo_task *task)
{
    const struct edo_list *at = &executor->urgent;

    if (task == NULL && executor->polled != NULL)
        return executor->polled;
    if (task != NULL && !is_polled(task)) {
        if (!is_in_queue(task))
            return waiting_from(executor, task->live.next);
        at = &task->link;
    }
    do {
        at = at->next;
        if (at == &executor->urgent)
            at = executor->ready.next;
        if (at == &executor->ready)
            return waiting_from(executor, executor->live.next);
    } while (is_polled(task_of(at))); /* WOKEN */
    return task_of(at);
}
