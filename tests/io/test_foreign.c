/* SPDX-License-Identifier: MIT */
/* A runtime in a loop that is not its own: poll(2). */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"

/* That loop, until no task is live. Returns how often it has waited. */
static unsigned run_in_poll(struct edo_executor *executor)
{
    unsigned waits = 0;
    int ready;

    while ((ready = edo_executor_prepare(executor)) >= 0) {
        struct pollfd fd = {.fd = edo_reactor_fd(&executor->reactor), .events = POLLIN};

        waits += ready == 0;
        ck_assert_int_ge(poll(&fd, 1, ready ? 0 : -1), 0);
        ck_assert_int_eq(edo_executor_turn_now(executor), 0);
    }
    ck_assert_int_eq(ready, -EDEADLK);
    return waits;
}

enum { SLEEPERS = 5 };

/* FB1 */
START_TEST(timers_fire_in_a_loop_that_is_not_ours)
{
    struct runtime runtime;
    struct edo_sleep sleeps[SLEEPERS];
    struct edo_task tasks[SLEEPERS];
    unsigned waits;

    runtime_open(&runtime, _i);
    for (unsigned i = 0; i < SLEEPERS; i++) {
        edo_sleep_init(&sleeps[i],
                       EDO_MS(5) * (SLEEPERS - i)); /* each armed before an earlier one */
        edo_task_init(&tasks[i], "sleeper", &sleeps[i].future);
        edo_executor_spawn(&runtime.executor, &tasks[i]);
        edo_executor_turn_now(&runtime.executor);
    }
    waits = run_in_poll(&runtime.executor);
    for (unsigned i = 0; i < SLEEPERS; i++)
        ck_assert_int_eq(edo_future_outcome(&sleeps[i].future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_le(waits / 2, SLEEPERS); /* it does not spin */
    runtime_close(&runtime);
}
END_TEST

static void *post(void *notice)
{
    edo_notice_post(notice);
    return NULL;
}

/* A task that waits for a notice. */
struct waiter {
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_notice notice;
    struct edo_notified notified;
    struct edo_task task;
};

static void waiter_open(struct waiter *waiter, int variant)
{
    runtime_open(&waiter->runtime, variant);
    edo_remote_open(&waiter->remote, &waiter->runtime.executor.reactor);
    edo_notice_init(&waiter->notice, &waiter->remote);
    edo_notified_init(&waiter->notified, &waiter->notice);
    edo_task_init(&waiter->task, "waiter", &waiter->notified.future);
    edo_executor_spawn(&waiter->runtime.executor, &waiter->task);
    edo_executor_turn_now(&waiter->runtime.executor);
}

static void waiter_close(struct waiter *waiter)
{
    edo_remote_close(&waiter->remote);
    runtime_close(&waiter->runtime);
}

START_TEST(a_post_ends_the_wait_of_another_loop)
{
    struct waiter waiter;
    pthread_t thread;

    waiter_open(&waiter, _i);
    pthread_create(&thread, NULL, post, &waiter.notice);
    run_in_poll(&waiter.runtime.executor);
    pthread_join(thread, NULL);
    ck_assert_int_eq(edo_future_outcome(&waiter.notified.future).kind, EDO_OUTCOME_OK);
    waiter_close(&waiter);
}
END_TEST

/* It is told to react at once, so nobody has to end its wait. */
START_TEST(a_loop_that_need_not_wait_counts_as_awake)
{
    struct waiter waiter;
    uint64_t posts;

    waiter_open(&waiter, _i);
    edo_notice_post(&waiter.notice);
    ck_assert_int_eq(edo_executor_prepare(&waiter.runtime.executor), 1);
    edo_notice_post(&waiter.notice);
    ck_assert_int_eq((int)read(waiter.remote.event.fd, &posts, sizeof posts), -1);
    ck_assert_int_eq(edo_executor_run(&waiter.runtime.executor), 0);
    waiter_close(&waiter);
}
END_TEST

START_TEST(who_waits_for_what_can_not_come_is_told)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), -EDEADLK);
    edo_sleep_init(&sleep, EDO_NEVER);
    edo_task_init(&task, "stuck", &sleep.future);
    edo_executor_spawn(&runtime.executor, &task);
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), 1);
    edo_executor_turn_now(&runtime.executor);
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), -EDEADLK);
    edo_task_cancel(&task);
    runtime_close(&runtime);
}
END_TEST

START_TEST(on_a_virtual_clock_there_is_nothing_to_wait_for)
{
    struct runtime runtime;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_reactor_prepare(&runtime.executor.reactor), -EINVAL);
    runtime_close(&runtime);
}
END_TEST

Suite *foreign_suite(void)
{
    Suite *suite = suite_create("foreign");
    TCase *loops = tcase_create("loops");

    tcase_add_loop_test(loops, timers_fire_in_a_loop_that_is_not_ours, FD_REAL, VARIANTS);
    tcase_add_loop_test(loops, a_post_ends_the_wait_of_another_loop, FD_REAL, VARIANTS);
    tcase_add_loop_test(loops, a_loop_that_need_not_wait_counts_as_awake, FD_REAL, VARIANTS);
    tcase_add_loop_test(loops, who_waits_for_what_can_not_come_is_told, FD_REAL, VARIANTS);
    tcase_add_loop_test(loops, on_a_virtual_clock_there_is_nothing_to_wait_for, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, loops);
    return suite;
}
