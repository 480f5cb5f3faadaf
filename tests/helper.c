/* SPDX-License-Identifier: MIT */
#include "helper.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "must.h"
#include "schedule.h"

int count_fds(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = -3; /* ".", ".." and the directory's own */

    must(directory != NULL);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

size_t a_million(void)
{
    return getenv("EDO_SMALL") ? 10000 : 1000000;
}

uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

size_t stack_of(size_t size)
{
    size_t least = (size_t)PTHREAD_STACK_MIN;

    return size > least ? size : least;
}

void runtime_open(struct runtime *runtime, int variant)
{
    runtime_open_traced(runtime, variant, NULL);
}

void runtime_open_traced(struct runtime *runtime, int variant, struct edo_trace *trace)
{
    struct edo_reactor_options options = {
        .is_virtual = variant < VIRTUAL_VARIANTS,
        .timers = variant == FD_VIRTUAL || variant == FD_REAL ? &edo_timer_fd : &edo_timer_wheel,
        .timer_state = &runtime->wheel,
        .trace = trace,
    };
    int error;

    memset(runtime, 1, sizeof *runtime); /* an open that forgets a field is to be seen */
    runtime->fds_before = count_fds();
    do
        error = edo_executor_open(&runtime->executor, &options);
    while (error && schedule_has(SCHEDULE_ERRORS) && count_fds() == runtime->fds_before);
    must(error == 0);
}

void runtime_close(struct runtime *runtime)
{
    must(edo_executor_close(&runtime->executor) == 0);
    must(count_fds() == runtime->fds_before);
}

uint64_t runtime_now(const struct runtime *runtime)
{
    return edo_clock_now(&runtime->executor.reactor.clock);
}

struct edo_outcome runtime_await(struct runtime *runtime, struct edo_future *future)
{
    struct edo_task task;

    edo_task_init(&task, "test", future);
    ck_assert_int_eq(edo_executor_block_on(&runtime->executor, &task), 0);
    return edo_future_outcome(future);
}

void runtime_run_for(struct runtime *runtime, uint64_t duration_ns)
{
    struct edo_sleep sleep;

    edo_sleep_init(&sleep, duration_ns);
    ck_assert_int_eq(runtime_await(runtime, &sleep.future).kind, EDO_OUTCOME_OK);
}

struct edo_task *find_task(const struct edo_executor *executor, const char *name)
{
    const struct edo_task *task = NULL;

    while ((task = edo_executor_next_task(executor, task)) != NULL)
        if (strcmp(task->name, name) == 0)
            break;
    return (struct edo_task *)task;
}

void executor_without_reactor(struct edo_executor *executor)
{
    memset(executor, 0, sizeof *executor);
    edo_list_init(&executor->ready);
    edo_list_init(&executor->urgent);
    edo_list_init(&executor->live);
    edo_list_init(&executor->asked);
}

enum fake_state { FAKE_START = EDO_START, FAKE_AWAITS_TEST = EDO_FIRST_AWAIT };

static const char *const fake_state_names[] = {"FAKE_AWAITS_TEST"};

static enum edo_poll fake_poll(struct edo_future *self, struct edo_context *cx)
{
    struct fake *fake = edo_container_of(self, struct fake, future);

    fake->polls++;
    fake->waker = cx->waker;
    if (fake->wakes_itself)
        edo_wake(cx->waker);
    if (fake->polls <= fake->pending) {
        edo_future_goto(self, FAKE_AWAITS_TEST);
        return EDO_PENDING;
    }
    return fake->error ? edo_future_fail(self, fake->error) : edo_future_done(self, fake);
}

static enum edo_poll fake_cancel(struct edo_future *self)
{
    edo_container_of(self, struct fake, future)->cancels++;
    return EDO_READY;
}

static const struct edo_future_type fake_type = {
    .name = "fake", .poll = fake_poll, .cancel = fake_cancel, .state_names = fake_state_names};

void fake_init(struct fake *fake, unsigned pending)
{
    *fake = (struct fake){.pending = pending};
    edo_future_init(&fake->future, &fake_type);
}

enum sequence_state { SEQUENCE_START = EDO_START, SEQUENCE_AWAITS_CHILD = EDO_FIRST_AWAIT };

static const char *const sequence_state_names[] = {"SEQUENCE_AWAITS_CHILD"};

static enum edo_poll sequence_poll(struct edo_future *self, struct edo_context *cx)
{
    struct sequence *sequence = edo_container_of(self, struct sequence, future);

    switch ((enum sequence_state)self->state) {
    case SEQUENCE_START:
        edo_future_goto(self, SEQUENCE_AWAITS_CHILD);
        /* fall through */
    case SEQUENCE_AWAITS_CHILD:
        for (; sequence->next < sequence->count; sequence->next++) {
            struct edo_future *child = sequence->children[sequence->next];

            if (edo_future_await(self, child, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (child->state != EDO_DONE)
                return edo_future_end_as(self, child);
        }
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type sequence_type = {
    .name = "sequence", .poll = sequence_poll, .state_names = sequence_state_names};

void sequence_init(struct sequence *sequence, struct edo_future **children, size_t count)
{
    *sequence = (struct sequence){.children = children, .count = count};
    edo_future_init(&sequence->future, &sequence_type);
}

static void count_wake(void *data, struct edo_cause cause)
{
    ((struct counter *)data)->wakes++;
    (void)cause;
}

struct edo_waker counting(struct counter *counter)
{
    return (struct edo_waker){count_wake, counter};
}

static void cancel_future(void *data, struct edo_cause cause)
{
    (void)cause;
    edo_future_cancel(data);
}

struct edo_waker cancelling(struct edo_future *future)
{
    return (struct edo_waker){cancel_future, future};
}
