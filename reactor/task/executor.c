#include "executor.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "../base/container_of.h"

/* While tasks are always ready, the kernel is looked at once in so many polls. A yield then costs
 * an eighth of what it does with a look in every turn (reactor/README.md has the figures). */
#define POLLS_PER_LOOK 64

/* Polls may take long. So after every few the clock is read, after each one if they do take long,
 * and if so much time has passed since the last look, it is time for the next. A look takes half a
 * us. */
#define POLLS_PER_CLOCK 8
#define TIME_PER_LOOK EDO_US(10)

/* An await within an await within ...: deeper than this, a dump gives up. */
#define DUMP_DEPTH 16

static struct edo_task *task_of(const struct edo_list *link)
{
    return edo_container_of(link, struct edo_task, link);
}

int edo_executor_open(struct edo_executor *executor, const struct edo_reactor_options *options)
{
    edo_task_queues_init(&executor->queues, options ? options->trace : NULL);
    edo_list_init(&executor->turn);
    executor->polls_since_look = 0;
    executor->polls_at_clock = 0;
    executor->looked_ns = 0;
    executor->clock_ns = 0;
    executor->has_slow_polls = false;
    executor->warn_slow = NULL;
    executor->is_running = false;
    executor->is_closing = false;
    return edo_reactor_open(&executor->reactor, options);
}

/* The latest first: children mostly come after their parents. */
static void cancel_all(struct edo_list *queue)
{
    while (!edo_list_is_empty(queue)) {
        struct edo_task *task = task_of(queue->prev);

        edo_task_cancel(task);
        assert(!edo_task_is_live(task)); /* while closing, nothing may hold */
        edo_list_remove(&task->link);
    }
}

int edo_executor_close(struct edo_executor *executor)
{
    if (executor->is_running)
        return -EBUSY;
    executor->is_running = true; /* a cancel that closes again is refused */
    executor->is_closing = true;
    cancel_all(&executor->queues.waiting);
    cancel_all(&executor->queues.ready);
    executor->is_running = false;
    return edo_reactor_close(&executor->reactor);
}

int edo_executor_spawn(struct edo_executor *executor, struct edo_task *task)
{
    if (edo_task_is_live(task))
        return -EBUSY;
    if (task->state != EDO_TASK_NEW || task->future->state != EDO_START)
        return -EINVAL;
    edo_task_start(task, &executor->queues);
    return 0;
}

/* A poll with a stop watch. When it returns the task may be gone; its name is not the task's. */
static void poll_timed(struct edo_executor *executor, struct edo_task *task)
{
    const char *name = task->name;
    uint64_t began_ns = edo_clock_now(&executor->reactor.clock);
    uint64_t took_ns;

    edo_task_poll(task, &executor->reactor, executor);
    took_ns = edo_clock_now(&executor->reactor.clock) - began_ns;
    if (executor->warn_slow != NULL && took_ns > executor->slow_ns)
        executor->warn_slow(name, took_ns);
}

static void poll_ready(struct edo_executor *executor)
{
    edo_list_take(&executor->turn, &executor->queues.ready);
    while (!edo_list_is_empty(&executor->turn)) {
        if (executor->warn_slow != NULL)
            poll_timed(executor, task_of(executor->turn.next));
        else
            edo_task_poll(task_of(executor->turn.next), &executor->reactor, executor);
        executor->polls_since_look++;
    }
}

/* Looking at the kernel is a system call: a busy executor does it every now and then, and not at
 * all while nothing is armed that the kernel could report. */
static bool is_time_to_look(struct edo_executor *executor)
{
    uint64_t now_ns;
    unsigned polls;

    if (executor->reactor.pending == executor->reactor.endless)
        return false;
    if (executor->polls_since_look >= POLLS_PER_LOOK)
        return true;
    polls = executor->polls_since_look - executor->polls_at_clock;
    if (polls < POLLS_PER_CLOCK && !executor->has_slow_polls)
        return false;
    now_ns = edo_clock_now(&executor->reactor.clock);
    executor->has_slow_polls =
        now_ns - executor->clock_ns >= TIME_PER_LOOK / POLLS_PER_CLOCK * polls;
    executor->polls_at_clock = executor->polls_since_look;
    executor->clock_ns = now_ns;
    return now_ns >= executor->looked_ns + TIME_PER_LOOK;
}

static int turn_reactor(struct edo_executor *executor)
{
    enum edo_look how = EDO_LOOK_NOT;
    int woken;

    if (edo_list_is_empty(&executor->queues.ready))
        how = EDO_LOOK_WAIT;
    else if (is_time_to_look(executor))
        how = EDO_LOOK;
    else if (!edo_reactor_has_due(&executor->reactor))
        return 0; /* the most common turn of a busy executor */
    woken = edo_reactor_turn(&executor->reactor, how);
    if (how != EDO_LOOK_NOT) {
        executor->polls_since_look = 0;
        executor->polls_at_clock = 0;
        executor->looked_ns = edo_clock_now(&executor->reactor.clock);
        executor->clock_ns = executor->looked_ns;
    }
    return woken < 0 ? woken : 0;
}

static bool has_live_tasks(const struct edo_executor *executor)
{
    return !edo_list_is_empty(&executor->queues.ready) ||
           !edo_list_is_empty(&executor->queues.waiting);
}

/* The loop. Until `task` has ended, or with NULL until all have. */
static int run_until_ended(struct edo_executor *executor, const struct edo_task *task)
{
    int error = 0;

    executor->is_running = true;
    for (;;) {
        poll_ready(executor);
        if (task ? !edo_task_is_live(task) : !has_live_tasks(executor))
            break;
        error = turn_reactor(executor);
        if (error)
            break;
    }
    executor->is_running = false;
    return error;
}

int edo_executor_block_on(struct edo_executor *executor, struct edo_task *task)
{
    int error = 0;

    if (executor->is_running)
        return -EBUSY;
    if (task->state == EDO_TASK_NEW)
        error = edo_executor_spawn(executor, task);
    else if (task->queues != &executor->queues ||
             (!edo_task_is_live(task) && !edo_future_has_ended(task->future)))
        error = -EINVAL;
    return error ? error : run_until_ended(executor, task);
}

int edo_executor_turn(struct edo_executor *executor)
{
    int error = 0;

    if (executor->is_running)
        return -EBUSY;
    executor->is_running = true;
    if (has_live_tasks(executor))
        error = turn_reactor(executor);
    if (!error)
        poll_ready(executor);
    executor->is_running = false;
    return error;
}

void edo_executor_warn_slow(struct edo_executor *executor, uint64_t limit_ns,
                            void (*warn)(const char *task, uint64_t took_ns))
{
    executor->slow_ns = limit_ns;
    executor->warn_slow = warn;
}

int edo_executor_run(struct edo_executor *executor)
{
    return executor->is_running ? -EBUSY : run_until_ended(executor, NULL);
}

static struct edo_task *find_in(const struct edo_list *queue, const char *name)
{
    for (const struct edo_list *link = queue->next; link != queue; link = link->next)
        if (strcmp(task_of(link)->name, name) == 0)
            return task_of(link);
    return NULL;
}

struct edo_task *edo_executor_find(const struct edo_executor *executor, const char *name)
{
    const struct edo_list *queues[] = {&executor->turn, &executor->queues.ready,
                                       &executor->queues.waiting};
    struct edo_task *task = executor->queues.polled;

    if (task != NULL && strcmp(task->name, name) == 0)
        return task;
    task = NULL;
    for (size_t i = 0; i < sizeof queues / sizeof queues[0] && task == NULL; i++)
        task = find_in(queues[i], name);
    return task;
}

/* An await that comes back to its own task would never end, hence the bound. */
static void dump_chain(const struct edo_future *future, FILE *file)
{
    for (int depth = 0; depth < DUMP_DEPTH; depth++) {
        fprintf(file, " %s %s", future->type->name, edo_future_state_name(future));
        if (edo_future_has_ended(future) || future->awaiting == NULL)
            return;
        future = future->awaiting;
        fputs(" >", file);
    }
    fputs(" ...", file);
}

static void dump_task(const struct edo_task *task, const char *state, FILE *file)
{
    fprintf(file, "  %-16s %-8s", task->name, state);
    dump_chain(task->future, file);
    fputc('\n', file);
}

static void dump_queue(const struct edo_list *queue, const char *state, FILE *file)
{
    for (const struct edo_list *link = queue->next; link != queue; link = link->next)
        if (task_of(link)->state != EDO_TASK_WOKEN) /* that one is being polled */
            dump_task(task_of(link), state, file);
}

void edo_executor_dump(const struct edo_executor *executor, FILE *file)
{
    if (executor->queues.polled != NULL)
        dump_task(executor->queues.polled, "polled", file);
    dump_queue(&executor->turn, "ready", file);
    dump_queue(&executor->queues.ready, "ready", file);
    dump_queue(&executor->queues.waiting, "waiting", file);
}
