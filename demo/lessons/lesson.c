/* SPDX-License-Identifier: MIT */
#include "lesson.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "program.h"
#include "views/step.h"
#include "views/unwoken.h"

enum { COLUMNS = 80, INDENT = 10, LONGEST_S = 60 };

/* --- The frame -------------------------------------------------------------------------------- */

/* What lesson_main_tasks was called with. */
static struct lesson_task *the_tasks;
static size_t the_count;

/* A text behind its label, with an indent, in lines that fit. */
static void tell(const char *label, const char *text)
{
    size_t column = INDENT;

    printf("%-*s", INDENT, label);
    while (*text != '\0') {
        size_t length = strcspn(text, " ");

        if (column > INDENT && column + 1 + length >= COLUMNS) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length + strspn(text + length, " ");
    }
    putchar('\n');
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

/* So that a lesson need not look at the result of each sleep. From the event `first` on. */
static bool has_failed_sleep(const struct edo_trace *trace, size_t first)
{
    for (size_t i = first; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_STATE && strncmp(event->name, "sleep", 5) == 0 &&
            strcmp(event->to, "EDO_FAILED") == 0)
            return true;
    }
    return false;
}

/* One that has ended, and not as it should. */
static bool has_failed_task(void)
{
    for (size_t i = 0; i < the_count; i++)
        if (!edo_task_is_live(&the_tasks[i].task) && error_of(&the_tasks[i]) != the_tasks[i].wanted)
            return true;
    return false;
}

/* Until all have ended, or one or a sleep has failed, for which others may wait for ever. No lesson
 * takes as long as a minute, but an accept for which this process never has an fd, and those that
 * are always on the virtual clock. */
static int run_turns(struct edo_executor *executor)
{
    const struct edo_clock *clock = &executor->reactor.clock;
    const struct edo_trace *trace = executor->reactor.trace;
    uint64_t end_ns = lesson.is_virtual ? EDO_NEVER : edo_clock_now(clock) + EDO_S(LONGEST_S);
    bool has_failed = false;
    int error = 0;

    while (!error && !has_failed && edo_executor_next_task(executor, NULL) != NULL) {
        size_t seen = edo_trace_count(trace);

        error = edo_executor_turn(executor);
        has_failed = has_failed_task() || has_failed_sleep(trace, seen);
        if (!error && edo_clock_now(clock) > end_ns)
            error = -ETIMEDOUT;
    }
    return error;
}

/* 0, also if some of them wait for ever; or -errno. */
static int run_tasks(struct edo_executor *executor, const struct options *options)
{
    int error = 0;

    for (size_t i = 0; i < the_count && !error; i++) {
        edo_task_init(&the_tasks[i].task, the_tasks[i].name, the_tasks[i].future);
        error = edo_executor_spawn(executor, &the_tasks[i].task);
    }
    if (!error && options->is_stepped)
        error = step_run(executor);
    else if (!error)
        error = lesson.run != NULL ? lesson.run(executor) : run_turns(executor);
    if (error != -EDEADLK)
        return error;
    say_heading("-EDEADLK: nothing is armed, and these tasks wait for ever:");
    if (!options->is_quiet)
        edo_executor_dump(executor, stdout);
    return 0;
}

static int say_failed(const char *program)
{
    fprintf(stderr, "%s: it did not go as the lesson intends\n", program);
    return STATUS_FAILED;
}

static int judge(const struct edo_trace *trace, const char *program)
{
    bool has_failed = has_failed_sleep(trace, 0);

    for (size_t i = 0; i < the_count; i++)
        if (error_of(&the_tasks[i]) != the_tasks[i].wanted)
            has_failed = true;
    return has_failed ? say_failed(program) : STATUS_OK;
}

static void warn_slow(const char *task, uint64_t took_ns)
{
    say(task, "warning: held the loop for %.1f ms", (double)took_ns / 1e6);
}

static int run_opened(struct edo_executor *executor, const struct options *options)
{
    int error;

    edo_executor_warn_slow(executor, EDO_MS(50), warn_slow);
    error = run_tasks(executor, options);
    if (error == -ECANCELED && options->is_stepped)
        return STATUS_OK;
    if (error)
        return program_complain(options->program, "the run failed", error);
    if (!options->is_quiet)
        unwoken_print(executor->reactor.trace, stdout);
    return judge(executor->reactor.trace, options->program);
}

static int run_lesson(struct edo_executor *executor, const struct options *options)
{
    int error = lesson.open != NULL ? lesson.open(executor) : 0;
    int status;

    if (error) {
        program_complain(options->program, "opening what the lesson needs", error);
        return say_failed(options->program);
    }
    status = run_opened(executor, options);
    if (lesson.close != NULL)
        lesson.close();
    return status;
}

static int run(const struct options *options)
{
    struct options chosen = *options;
    int status;

    if (options->is_spun && lesson.is_virtual) {
        fprintf(stderr, "%s: it does not go together with --spin: always on the virtual clock\n",
                options->program);
        return STATUS_USAGE;
    }
    if (!options->is_quiet) {
        tell("Question:", lesson.question);
        tell("Look at:", lesson.look_at);
        putchar('\n');
    }
    chosen.is_virtual = options->is_virtual || lesson.is_virtual;
    status = program_record(&chosen, run_lesson);
    if (!options->is_quiet && status == STATUS_OK) {
        putchar('\n');
        tell("Answer:", lesson.answer);
    }
    return status;
}

int lesson_main_tasks(int argc, char **argv, struct lesson_task *tasks, size_t count)
{
    const struct program program = {OPTIONS_OF_LESSON, lesson.question, run};

    the_tasks = tasks;
    the_count = count;
    return program_main(&program, argc, argv);
}

int lesson_main(int argc, char **argv, struct edo_future *root, const struct edo_future_type *type,
                int wanted)
{
    static struct lesson_task task;

    edo_future_init(root, type);
    task = (struct lesson_task){.name = "main", .future = root, .wanted = wanted};
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
        edo_future_set_name(self, work->name);
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

/* --- Ticker ----------------------------------------------------------------------------------- */

/* async fn ticker(period, count) {
 *     for tick in 0..count { interval.tick().await; }
 * } */

enum ticker_state { TICKER_START = EDO_START, TICKER_AWAITS_TICK = EDO_FIRST_AWAIT };

static const char *const ticker_state_names[] = {"TICKER_AWAITS_TICK"};

static void say_tick(uint64_t due_ns, uint64_t late_ns)
{
    say("ticker", "tick of %.0f ms, %.1f ms late", (double)due_ns / 1e6, (double)late_ns / 1e6);
}

static enum edo_poll ticker_poll(struct edo_future *self, struct edo_context *cx)
{
    struct ticker *ticker = edo_container_of(self, struct ticker, future);
    uint64_t now_ns = edo_clock_now(&cx->reactor->clock);

    switch ((enum ticker_state)self->state) {
    case TICKER_START:
        ticker->began_ns = now_ns;
        edo_interval_at_init(&ticker->interval, now_ns, ticker->period_ns, EDO_MISSED_BURST);
        edo_future_goto(self, TICKER_AWAITS_TICK);
        /* fall through */
    case TICKER_AWAITS_TICK:
        for (; ticker->ticks < ticker->count; ticker->ticks++) {
            if (edo_future_await(self, &ticker->interval.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            say_tick(ticker->interval.due_ns - ticker->began_ns, now_ns - ticker->interval.due_ns);
            edo_interval_next(&ticker->interval);
        }
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type ticker_type = {
    .name = "ticker", .poll = ticker_poll, .state_names = ticker_state_names};

void ticker_init(struct ticker *ticker, uint64_t period_ns, unsigned count)
{
    edo_future_init(&ticker->future, &ticker_type);
    ticker->period_ns = period_ns;
    ticker->count = count;
    ticker->ticks = 0;
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
