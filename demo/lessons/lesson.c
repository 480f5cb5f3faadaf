/* SPDX-License-Identifier: MIT */
#include "lesson.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "program.h"
#include "views/timeline.h"

enum { TRACED_EVENTS = 4096 }; /* a lesson makes some 200 */

/* --- The frame -------------------------------------------------------------------------------- */

static void print_help(const char *program)
{
    printf("Usage: %s [--virtual]\n"
           "A lesson. demo/lessons/README.md says what to look at.\n"
           "\n"
           "  --virtual  run on the virtual clock: nobody waits, every run is alike\n"
           "  --help     print this and exit\n"
           "\n"
           "Exit status: 0 if all went as the lesson intends, 1 if not,\n"
           "2 for a command line that makes no sense.\n",
           program);
}

/* How it ended, or that it never would; before the executor is closed. */
static int error_of(const struct lesson_task *task)
{
    if (edo_task_is_live(&task->task))
        return -EDEADLK;
    if (task->future->state == EDO_CANCELLED)
        return -ECANCELED;
    return task->future->error;
}

static int run_tasks(struct edo_executor *executor, struct lesson_task *tasks, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && !error; i++) {
        edo_task_init(&tasks[i].task, tasks[i].name, tasks[i].future);
        error = edo_executor_spawn(executor, &tasks[i].task);
    }
    if (!error)
        error = edo_executor_run(executor);
    if (error != -EDEADLK)
        return error;
    say_heading("-EDEADLK: nothing is armed, and these tasks wait for ever:");
    edo_executor_dump(executor, stdout);
    return 0;
}

/* So that a lesson need not look at the result of each sleep. */
static bool has_failed_sleep(const struct edo_trace *trace)
{
    for (size_t i = 0; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_STATE && strncmp(event->name, "sleep", 5) == 0 &&
            strcmp(event->to, "EDO_FAILED") == 0)
            return true;
    }
    return false;
}

static int judge(const struct lesson_task *tasks, size_t count, const struct edo_trace *trace,
                 const char *program)
{
    int status = has_failed_sleep(trace) ? STATUS_FAILED : STATUS_OK;

    for (size_t i = 0; i < count; i++)
        if (error_of(&tasks[i]) != tasks[i].wanted)
            status = STATUS_FAILED;
    if (status != STATUS_OK)
        fprintf(stderr, "%s: it did not go as the lesson intends\n", program);
    return status;
}

static int run(struct lesson_task *tasks, size_t count, bool is_virtual, const char *program)
{
    static struct edo_trace_event events[TRACED_EVENTS];
    struct edo_trace trace;
    struct edo_reactor_options options = {.is_virtual = is_virtual, .trace = &trace};
    struct edo_executor executor;
    int error, status;

    edo_trace_init(&trace, events, TRACED_EVENTS);
    error = edo_executor_open(&executor, &options);
    if (error)
        return program_complain(program, "opening the runtime", error);
    say_begin(&executor.reactor.clock, false);
    edo_executor_warn_slow(&executor, EDO_MS(10), program_warn_slow);
    error = run_tasks(&executor, tasks, count);
    status = error ? program_complain(program, "the run failed", error)
                   : judge(tasks, count, &trace, program);
    edo_executor_close(&executor);
    say_heading("");
    timeline_print(&trace);
    return status;
}

int lesson_main_tasks(int argc, char **argv, struct lesson_task *tasks, size_t count)
{
    bool is_virtual = false, wants_help = false;
    int status;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--virtual") == 0) {
            is_virtual = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            wants_help = true;
        } else {
            fprintf(stderr, "%s: unknown option '%s'\nTry '%s --help'.\n", argv[0], argv[i],
                    argv[0]);
            return STATUS_USAGE;
        }
    }
    status = program_begin(argv[0]);
    if (status != STATUS_OK)
        return status;
    if (wants_help)
        print_help(argv[0]);
    else
        status = run(tasks, count, is_virtual, argv[0]);
    return program_end(argv[0], status);
}

int lesson_main(int argc, char **argv, struct edo_future *root)
{
    struct lesson_task task = {.name = "main", .future = root};

    return lesson_main_tasks(argc, argv, &task, 1);
}

void lesson_phase(struct edo_context *cx, const char *name)
{
    say_heading(name);
    edo_trace_phase(cx->reactor->trace, name);
}

void lesson_spawn(struct edo_context *cx, struct edo_task *task, const char *name,
                  struct edo_future *future)
{
    int error;

    edo_task_init(task, name, future);
    error = edo_executor_spawn(cx->executor, task);
    assert(!error);
    (void)error; /* where asserts are off */
}

void lesson_block(struct edo_context *cx, uint64_t duration_ns)
{
    struct edo_clock *clock = &cx->reactor->clock;
    struct timespec left = {.tv_sec = (time_t)(duration_ns / EDO_NS_PER_S),
                            .tv_nsec = (long)(duration_ns % EDO_NS_PER_S)};

    if (clock->is_virtual) {
        edo_clock_advance(clock, edo_time_add(edo_clock_now(clock), duration_ns));
        return;
    }
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ; /* a signal ends it early */
}

/* --- Work ------------------------------------------------------------------------------------- */

/* async fn work(name, duration) {
 *     sleep(duration).await
 * } */

enum work_state { WORK_START = EDO_START, WORK_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static const char *const work_state_names[] = {"WORK_AWAITS_SLEEP"};

static enum edo_poll work_poll(struct edo_future *self, struct edo_context *cx)
{
    struct work *work = edo_container_of(self, struct work, future);
    int error;

    switch ((enum work_state)self->state) {
    case WORK_START:
        say(work->name, "started, takes %" PRIu64 " ms", work->duration_ns / EDO_NS_PER_MS);
        edo_sleep_init(&work->sleep, work->duration_ns);
        edo_future_goto(self, WORK_AWAITS_SLEEP);
        /* fall through */
    case WORK_AWAITS_SLEEP:
        if (edo_future_await(self, &work->sleep.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    error = edo_future_error(&work->sleep.future) ? edo_future_error(&work->sleep.future)
                                                  : work->told_error;
    if (error) {
        say(work->name, "failed: %s", errno_name(-error));
        return edo_future_fail(self, error);
    }
    say(work->name, "completed");
    return edo_future_done(self, work);
}

static enum edo_poll work_cancel(struct edo_future *self)
{
    struct work *work = edo_container_of(self, struct work, future);

    say(work->name, "cancelled");
    return edo_future_cancel(&work->sleep.future);
}

static const struct edo_future_type work_type = {
    .name = "work", .poll = work_poll, .cancel = work_cancel, .state_names = work_state_names};

void work_init(struct work *work, const char *name, uint64_t duration_ns)
{
    edo_future_init(&work->future, &work_type);
    work->name = name;
    work->duration_ns = duration_ns;
    work->told_error = 0;
}

/* --- Later ------------------------------------------------------------------------------------ */

/* async fn later(duration, call) {
 *     sleep(duration).await?;
 *     call()
 * } */

enum later_state { LATER_START = EDO_START, LATER_AWAITS_TIME = EDO_FIRST_AWAIT };

static const char *const later_state_names[] = {"LATER_AWAITS_TIME"};

static enum edo_poll later_poll(struct edo_future *self, struct edo_context *cx)
{
    struct later *later = edo_container_of(self, struct later, future);

    switch ((enum later_state)self->state) {
    case LATER_START:
        edo_future_goto(self, LATER_AWAITS_TIME);
        /* fall through */
    case LATER_AWAITS_TIME:
        if (edo_future_await(self, &later->sleep.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    if (edo_future_error(&later->sleep.future))
        return edo_future_fail(self, edo_future_error(&later->sleep.future));
    later->call(cx, later->data);
    return edo_future_done(self, NULL);
}

static const struct edo_future_type later_type = {
    .name = "later", .poll = later_poll, .state_names = later_state_names};

void later_init(struct later *later, uint64_t duration_ns,
                void (*call)(struct edo_context *cx, void *data), void *data)
{
    edo_future_init(&later->future, &later_type);
    edo_sleep_init(&later->sleep, duration_ns);
    later->call = call;
    later->data = data;
}

/* --- Spawned ---------------------------------------------------------------------------------- */

/* async fn spawned(name, child) {
 *     spawn(name, child).await
 * } */

enum spawned_state { SPAWNED_START = EDO_START, SPAWNED_AWAITS_TASK = EDO_FIRST_AWAIT };

static const char *const spawned_state_names[] = {"SPAWNED_AWAITS_TASK"};

static enum edo_poll spawned_poll(struct edo_future *self, struct edo_context *cx)
{
    struct spawned *spawned = edo_container_of(self, struct spawned, future);

    switch ((enum spawned_state)self->state) {
    case SPAWNED_START:
        lesson_spawn(cx, &spawned->task, spawned->name, spawned->child);
        edo_join_tasks_init(&spawned->join, &spawned->task, 1);
        edo_future_goto(self, SPAWNED_AWAITS_TASK);
        /* fall through */
    case SPAWNED_AWAITS_TASK:
        if (edo_future_await(self, &spawned->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_end_as(self, spawned->child);
}

static const struct edo_future_type spawned_type = {
    .name = "spawned", .poll = spawned_poll, .state_names = spawned_state_names};

void spawned_init(struct spawned *spawned, const char *name, struct edo_future *child)
{
    edo_future_init(&spawned->future, &spawned_type);
    spawned->name = name;
    spawned->child = child;
}
