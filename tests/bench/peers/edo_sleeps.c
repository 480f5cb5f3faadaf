/* SPDX-License-Identifier: MIT */
/* edo_sleeps.c - edo as one uses it: n tasks, each of which sleeps. As in tokio/src/main.rs, a
 * sleep is measured from inside its task, where it is awaited. */
#include "edo.h"
#include "edo_variant.h"
#include "workload.h"

/* async fn sleeper(i) { sleep(delay(i)).await; fired(i) } */
struct sleeper {
    struct edo_future future;
    struct edo_sleep sleep;
    struct edo_task task;
};

/* async fn busy() { while !is_stopped { burn(); yield_now().await } } */
struct busy {
    struct edo_future future;
    struct edo_yield yield;
    struct edo_task task;
};

static struct edo_executor executor;
static struct edo_reactor_options options;
static struct sleeper *sleepers;
static struct busy busy;
static bool is_stopped;

static enum edo_poll sleeper_poll(struct edo_future *self, struct edo_context *cx)
{
    struct sleeper *sleeper = edo_container_of(self, struct sleeper, future);
    size_t i = (size_t)(sleeper - sleepers);

    if (self->state == EDO_START) {
        edo_sleep_init(&sleeper->sleep, workload_delay(i));
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &sleeper->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    if (sleeper->sleep.future.error)
        workload_fail("edo_sleep");
    if (workload_fired(i))
        is_stopped = true;
    return edo_future_done(self, NULL);
}

static const struct edo_future_type sleeper_type = {.name = "sleeper", .poll = sleeper_poll};

static enum edo_poll busy_poll(struct edo_future *self, struct edo_context *cx)
{
    struct busy *me = edo_container_of(self, struct busy, future);

    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    else if (edo_future_await(self, &me->yield.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    if (is_stopped)
        return edo_future_done(self, NULL);
    workload_burn();
    edo_yield_init(&me->yield);
    return edo_future_await(self, &me->yield.future, cx);
}

static const struct edo_future_type busy_type = {.name = "busy", .poll = busy_poll};

static bool sleeps_open(const char *variant)
{
    return edo_variant_find(variant, &options) && edo_executor_open(&executor, &options) == 0;
}

static void sleeps_take(size_t n)
{
    if (edo_variant_takes_fds(&options))
        workload_need_fds(n);
    sleepers = workload_alloc(n, sizeof *sleepers);
}

static void spawn(struct edo_task *task, const char *name, struct edo_future *future)
{
    edo_task_init(task, name, future);
    if (edo_executor_spawn(&executor, task) != 0)
        workload_fail("edo_executor_spawn");
}

static void sleeps_arm(size_t i)
{
    edo_future_init(&sleepers[i].future, &sleeper_type);
    spawn(&sleepers[i].task, "sleeper", &sleepers[i].future);
}

static void sleeps_start_busy(void)
{
    edo_future_init(&busy.future, &busy_type);
    spawn(&busy.task, "busy", &busy.future);
}

static void sleeps_run(void)
{
    for (is_stopped = false; !is_stopped;)
        if (edo_executor_turn(&executor) != 0)
            workload_fail("edo_executor_turn");
}

const struct peer peer = {.open = sleeps_open,
                          .take = sleeps_take,
                          .arm = sleeps_arm,
                          .start_busy = sleeps_start_busy,
                          .run = sleeps_run};
