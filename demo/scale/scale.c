/* SPDX-License-Identifier: MIT */
#include "scale.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "edo.h"
#include "errno_name.h"
#include "interrupt.h"
#include "lateness.h"
#include "memory.h"
#include "program.h"
#include "recording.h"
#include "say.h"
#include "summary.h"
#include "views/files.h"

enum { NAMED_FAILURES = 3 };

/* Progress is looked at once in so many tasks, and shown from a second on, ten times a second. */
enum { TASKS_PER_LOOK = 4096 };

/* async fn scale_task(id) -> u64 {
 *     sleep(100..300 ms).await;
 *     10 * id
 * } */
struct scale_task {
    struct edo_future future;
    struct edo_sleep sleep;
};

static_assert(sizeof(void *) != 8 || sizeof(struct scale_task) + sizeof(struct edo_task) == 192,
              "what scale.h and README say of a task's memory");

/* async fn scale() { spawn N tasks; join them } */
struct scale {
    struct edo_future future;
    const char *program;
    size_t count;
    uint64_t random;
    uint64_t began_ns;
    struct edo_task *tasks;
    struct scale_task *sleepers;
    struct edo_join_tasks join;

    size_t ended;
    size_t failed;
    int first_error; /* of the first that failed */
    uint64_t sum;    /* of the values */
    struct lateness lateness;

    bool shows_progress;
    uint64_t shown_ns; /* when progress was shown last */

    const struct options *options;
    struct recording recording;
};

/* The sleepers have no room for a pointer to it. */
static struct scale *scale;

/* --- Progress --------------------------------------------------------------------------------- */

static void show_progress(const char *what, size_t count)
{
    uint64_t elapsed_ns;

    if (!scale->shows_progress || count % TASKS_PER_LOOK != 0)
        return;
    elapsed_ns = say_elapsed_ns();
    if (elapsed_ns < EDO_S(1) || elapsed_ns < scale->shown_ns + EDO_MS(100))
        return;
    scale->shown_ns = elapsed_ns;
    fprintf(stderr, "\r%3.0f %% of the tasks %-8s", 100.0 * (double)count / (double)scale->count,
            what);
}

static void clear_progress(void)
{
    if (scale->shown_ns > 0)
        fprintf(stderr, "\r%40s\r", "");
}

/* In a signal's handler, wherever that found the program. */
static void leave_progress(void)
{
    if (scale->shown_ns > 0 && write(STDERR_FILENO, "\n", 1) < 0)
        return; /* there is nobody left to be told */
}

/* The same where the files of what was recorded until then are still to be written. */
static void leave_files(void)
{
    leave_progress();
    files_write(&scale->recording.trace, scale->options, scale->program);
}

/* --- One task --------------------------------------------------------------------------------- */

static size_t id_of(const struct scale_task *task)
{
    return (size_t)(task - scale->sleepers) + 1;
}

static void note_failure(const struct scale_task *task, int error)
{
    if (scale->failed++ == 0)
        scale->first_error = error;
    if (scale->failed <= NAMED_FAILURES)
        fprintf(stderr, "%s: async_task(%zu) failed: %s\n", scale->program, id_of(task),
                errno_name(-error));
}

enum scale_task_state { TASK_START = EDO_START, TASK_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static const char *const task_state_names[] = {"TASK_AWAITS_SLEEP"};

static enum edo_poll scale_task_poll(struct edo_future *self, struct edo_context *cx)
{
    struct scale_task *task = edo_container_of(self, struct scale_task, future);
    int error;

    switch ((enum scale_task_state)self->state) {
    case TASK_START:
        edo_future_goto(self, TASK_AWAITS_SLEEP);
        /* fall through */
    case TASK_AWAITS_SLEEP:
        if (edo_future_await(self, &task->sleep.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    show_progress("ended", ++scale->ended);
    error = edo_future_error(&task->sleep.future);
    if (error) {
        note_failure(task, error);
        return edo_future_fail(self, error);
    }
    lateness_note(&scale->lateness, edo_clock_now(&cx->reactor->clock), task->sleep.timer.due_ns);
    scale->sum += 10 * id_of(task);
    return edo_future_done(self, NULL);
}

static const struct edo_future_type scale_task_type = {
    .name = "async_task", .poll = scale_task_poll, .state_names = task_state_names};

/* --- All of them ------------------------------------------------------------------------------ */

/* splitmix64: the same seed means the same delays everywhere. */
static uint64_t draw(void)
{
    uint64_t z = scale->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int spawn_all(struct edo_context *cx)
{
    int error = 0;

    for (size_t i = 0; i < scale->count && !error; i++) {
        struct scale_task *task = &scale->sleepers[i];

        edo_future_init(&task->future, &scale_task_type);
        edo_sleep_init(&task->sleep, EDO_MS(100) + draw() % (EDO_MS(200) + 1));
        edo_task_init(&scale->tasks[i], "async_task", &task->future);
        error = edo_executor_spawn(cx->executor, &scale->tasks[i]);
        show_progress("spawned", i + 1);
    }
    return error;
}

enum scale_state { SCALE_START = EDO_START, SCALE_AWAITS_TASKS = EDO_FIRST_AWAIT };

static const char *const scale_state_names[] = {"SCALE_AWAITS_TASKS"};

static enum edo_poll scale_poll(struct edo_future *self, struct edo_context *cx)
{
    int error;

    switch ((enum scale_state)self->state) {
    case SCALE_START:
        error = spawn_all(cx);
        if (error)
            return edo_future_fail(self, error);
        edo_join_tasks_init(&scale->join, scale->tasks, scale->count);
        edo_future_goto(self, SCALE_AWAITS_TASKS);
        /* fall through */
    case SCALE_AWAITS_TASKS:
        if (edo_future_await(self, &scale->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type scale_type = {
    .name = "scale", .poll = scale_poll, .state_names = scale_state_names};

/* --- What came of it -------------------------------------------------------------------------- */

/* Each task's value is ten times its number; of the failed ones, none. */
static uint64_t expected_sum(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < scale->count; i++)
        if (edo_future_outcome(scale->tasks[i].future).kind == EDO_OUTCOME_OK)
            sum += 10 * (i + 1);
    return sum;
}

static int report_failures(const struct options *options)
{
    struct rlimit limit;

    if (scale->failed == 0)
        return STATUS_OK;
    if (scale->failed > NAMED_FAILURES)
        fprintf(stderr, "%s: ... and %zu more\n", scale->program, scale->failed - NAMED_FAILURES);
    if (scale->first_error == -EMFILE && !options->is_wheel &&
        getrlimit(RLIMIT_NOFILE, &limit) == 0)
        fprintf(stderr,
                "%s: each sleep has a timerfd of its own, and the limit of fds is %" PRIuMAX
                " (ulimit -n); --timers=wheel needs one for all\n",
                scale->program, (uintmax_t)limit.rlim_cur);
    return STATUS_FAILED;
}

static void print_summary(const struct edo_reactor *reactor, uint64_t took_ns)
{
    const struct lateness *lateness = &scale->lateness;

    printf("%zu tasks, each asleep for 100 to 300 ms: %.1f ms in all\n", scale->count,
           (double)took_ns / 1e6);
    printf("%zu ok, %zu failed, values add up to %" PRIu64 "\n", scale->count - scale->failed,
           scale->failed, scale->sum);
    printf("early: %" PRIu64 "\n", lateness->early);
    printf("late by p50 %.3f ms, p99 %.3f ms, max %.3f ms\n",
           (double)lateness_percentile(lateness, 50) / 1e6,
           (double)lateness_percentile(lateness, 99) / 1e6, (double)lateness->most_ns / 1e6);
    printf("memory: %zu bytes a task", sizeof(struct edo_task) + sizeof(struct scale_task));
    if (reactor->clock.is_virtual)
        printf("; time was virtual\n");
    else
        printf("; CPU: %.2f us a task\n", summary_cpu_ms() * 1e3 / (double)scale->count);
    if (reactor->spin.spin_ns > 0) {
        summary_print_watched(reactor, took_ns);
        summary_print_stolen(" ");
        putchar('\n');
    }
#ifndef __OPTIMIZE__ /* as both gcc and clang say it */
    if (!reactor->clock.is_virtual)
        puts("this build is not optimised: its lateness and CPU are not edo's (make release)");
#endif
}

/* --- Memory ----------------------------------------------------------------------------------- */

static bool take_memory(void)
{
    uint64_t bytes = scale->count * (sizeof *scale->tasks + sizeof *scale->sleepers);

    if (bytes <= memory_available("")) {
        scale->tasks = malloc(scale->count * sizeof *scale->tasks);
        scale->sleepers = malloc(scale->count * sizeof *scale->sleepers);
    }
    if (scale->tasks != NULL && scale->sleepers != NULL)
        return true;
    fprintf(stderr, "%s: %zu tasks need %.1f MB of memory, and there is not so much\n",
            scale->program, scale->count, (double)bytes / 1e6);
    return false;
}

/* ---------------------------------------------------------------------------------------------- */

static void begin_interrupt(void)
{
    if (recording_has_files(&scale->recording, scale->options))
        interrupt_begin(&scale->recording.trace, leave_files);
    else
        interrupt_begin(NULL, leave_progress);
}

static int run(struct edo_executor *executor)
{
    struct edo_task task;
    int error;

    begin_interrupt();
    if (scale->options->is_spun)
        summary_count_stolen();
    say_begin(&executor->reactor.clock, scale->options->is_quiet);
    edo_future_init(&scale->future, &scale_type);
    edo_task_init(&task, "scale", &scale->future);
    error = edo_executor_block_on(executor, &task);
    interrupt_end();
    if (!error)
        error = scale->future.error;
    clear_progress();
    if (error) {
        edo_executor_close(executor); /* while its tasks are there to be cancelled */
        return program_complain(scale->program, "the run failed", error);
    }
    print_summary(&executor->reactor, say_elapsed_ns());
    if (scale->sum != expected_sum()) {
        fprintf(stderr, "%s: the values should add up to %" PRIu64 "\n", scale->program,
                expected_sum());
        return STATUS_FAILED;
    }
    return report_failures(scale->options);
}

/* The trace is read when the executor is closed. */
static int run_recorded(struct edo_reactor_options runtime)
{
    struct edo_executor executor;
    int error, status;

    recording_open(&scale->recording, scale->options, scale->program);
    runtime.trace = recording_trace(&scale->recording);
    error = edo_executor_open(&executor, &runtime);
    if (error) {
        status = program_complain(scale->program, "opening the runtime", error);
    } else {
        status = run(&executor);
        edo_executor_close(&executor);
        if (recording_show(&scale->recording, scale->options, scale->program) != STATUS_OK)
            status = STATUS_FAILED;
    }
    recording_close(&scale->recording);
    return status;
}

int scale_run(const struct edo_reactor_options *runtime, const struct options *options,
              const char *program)
{
    static struct scale the_scale;
    int status = STATUS_FAILED;

    the_scale = (struct scale){
        .program = program,
        .count = options->tasks,
        .random = options->seed,
        .shows_progress = isatty(STDERR_FILENO) && !options->is_virtual,
        .options = options,
    };
    scale = &the_scale;
    if (take_memory())
        status = run_recorded(*runtime);
    free(scale->tasks);
    free(scale->sleepers);
    return status;
}
