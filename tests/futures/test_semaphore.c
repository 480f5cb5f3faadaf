/* SPDX-License-Identifier: MIT */
/* Semaphores and notifies. */
#include "helper.h"
#include "suites.h"

enum { WAITERS = 3 };

/* --- Semaphores ------------------------------------------------------------------------------- */

struct holders {
    struct runtime runtime;
    struct edo_semaphore semaphore;
    struct edo_acquire acquires[WAITERS];
    struct edo_task tasks[WAITERS];
};

/* `permits`, and one task more than that which wants one, up to three. */
static void holders_open(struct holders *holders, int variant, size_t permits)
{
    runtime_open(&holders->runtime, variant);
    edo_semaphore_init(&holders->semaphore, permits);
    for (int i = 0; i < WAITERS; i++) {
        edo_acquire_init(&holders->acquires[i], &holders->semaphore);
        edo_task_init(&holders->tasks[i], "holder", &holders->acquires[i].future);
        edo_executor_spawn(&holders->runtime.executor, &holders->tasks[i]);
    }
    runtime_run_for(&holders->runtime, EDO_MS(1));
}

static bool has_permit(const struct holders *holders, int i)
{
    return edo_future_has_ended(&holders->acquires[i].future);
}

START_TEST(there_are_never_more_holders_than_permits)
{
    struct holders holders;

    holders_open(&holders, _i, 2);
    ck_assert(has_permit(&holders, 0) && has_permit(&holders, 1) && !has_permit(&holders, 2));
    ck_assert(!edo_semaphore_try_acquire(&holders.semaphore));
    edo_semaphore_release(&holders.semaphore);
    ck_assert(!edo_semaphore_try_acquire(&holders.semaphore)); /* somebody waits for that one */
    ck_assert_int_eq(edo_executor_run(&holders.runtime.executor), 0);
    ck_assert(has_permit(&holders, 2));
    ck_assert_uint_eq(holders.semaphore.permits, 0);
    runtime_close(&holders.runtime);
}
END_TEST

START_TEST(a_permit_is_not_lost_with_a_holder_that_was_woken_and_cancelled)
{
    struct holders holders;

    holders_open(&holders, _i, 0);
    edo_semaphore_release(&holders.semaphore);
    ck_assert_int_eq(holders.tasks[0].state, EDO_TASK_READY);
    edo_task_cancel(&holders.tasks[0]);
    ck_assert_int_eq(edo_executor_block_on(&holders.runtime.executor, &holders.tasks[1]), 0);
    ck_assert(has_permit(&holders, 1) && !has_permit(&holders, 2));
    edo_task_cancel(&holders.tasks[2]);
    edo_semaphore_release(&holders.semaphore);
    ck_assert(edo_semaphore_try_acquire(&holders.semaphore));
    runtime_close(&holders.runtime);
}
END_TEST

START_TEST(many_releases_wake_many)
{
    struct holders holders;

    holders_open(&holders, _i, 0);
    for (int i = 0; i < WAITERS; i++)
        edo_semaphore_release(&holders.semaphore);
    ck_assert_int_eq(edo_executor_run(&holders.runtime.executor), 0);
    for (int i = 0; i < WAITERS; i++)
        ck_assert(has_permit(&holders, i));
    runtime_close(&holders.runtime);
}
END_TEST

/* Being polled for nothing, as a part of a join may be. */
START_TEST(a_permit_is_for_who_waits_the_longest_and_not_for_who_looks_first)
{
    struct holders holders;

    holders_open(&holders, _i, 0);
    edo_wake(edo_task_waker(&holders.tasks[1]));
    edo_semaphore_release(&holders.semaphore);
    ck_assert_int_eq(edo_executor_block_on(&holders.runtime.executor, &holders.tasks[0]), 0);
    ck_assert(has_permit(&holders, 0) && !has_permit(&holders, 1));
    runtime_close(&holders.runtime);
}
END_TEST

/* --- Notifies --------------------------------------------------------------------------------- */

struct waiters {
    struct runtime runtime;
    struct edo_notify notify;
    struct edo_notify_wait waits[WAITERS];
    struct edo_task tasks[WAITERS];
};

static void waiters_open(struct waiters *waiters, int variant)
{
    runtime_open(&waiters->runtime, variant);
    edo_notify_init(&waiters->notify);
    for (int i = 0; i < WAITERS; i++) {
        edo_notify_wait_init(&waiters->waits[i], &waiters->notify);
        edo_task_init(&waiters->tasks[i], "waiter", &waiters->waits[i].future);
        edo_executor_spawn(&waiters->runtime.executor, &waiters->tasks[i]);
    }
    runtime_run_for(&waiters->runtime, EDO_MS(1));
}

static bool has_gone_on(const struct waiters *waiters, int i)
{
    return edo_future_has_ended(&waiters->waits[i].future);
}

START_TEST(one_is_notified_or_all)
{
    struct waiters waiters;

    waiters_open(&waiters, _i);
    edo_notify_one(&waiters.notify);
    runtime_run_for(&waiters.runtime, EDO_MS(1));
    ck_assert(has_gone_on(&waiters, 0) && !has_gone_on(&waiters, 1) && !has_gone_on(&waiters, 2));
    edo_notify_all(&waiters.notify);
    ck_assert_int_eq(edo_executor_run(&waiters.runtime.executor), 0);
    ck_assert(has_gone_on(&waiters, 1) && has_gone_on(&waiters, 2));
    runtime_close(&waiters.runtime);
}
END_TEST

START_TEST(one_is_remembered_and_all_are_not)
{
    struct runtime runtime;
    struct edo_notify notify;
    struct edo_notify_wait wait;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_notify_init(&notify);
    edo_notify_one(&notify);
    edo_notify_one(&notify);
    edo_notify_wait_init(&wait, &notify);
    ck_assert_int_eq(runtime_await(&runtime, &wait.future).kind, EDO_OUTCOME_OK);
    edo_notify_all(&notify);
    edo_notify_wait_init(&wait, &notify);
    edo_task_init(&task, "waiter", &wait.future);
    edo_executor_spawn(&runtime.executor, &task);
    runtime_run_for(&runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    edo_task_cancel(&task);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_notify_of_all_is_not_passed_on_by_one_that_is_cancelled)
{
    struct waiters waiters;

    waiters_open(&waiters, _i);
    edo_notify_all(&waiters.notify);
    edo_task_cancel(&waiters.tasks[0]);
    ck_assert(!waiters.notify.is_remembered);
    ck_assert_int_eq(edo_executor_run(&waiters.runtime.executor), 0);
    ck_assert(has_gone_on(&waiters, 1) && has_gone_on(&waiters, 2));
    runtime_close(&waiters.runtime);
}
END_TEST

START_TEST(a_notify_is_passed_on_by_one_that_is_cancelled)
{
    struct waiters waiters;

    waiters_open(&waiters, _i);
    edo_notify_one(&waiters.notify);
    edo_task_cancel(&waiters.tasks[0]);
    runtime_run_for(&waiters.runtime, EDO_MS(1));
    ck_assert(has_gone_on(&waiters, 1) && !has_gone_on(&waiters, 2));
    edo_task_cancel(&waiters.tasks[2]);
    ck_assert(!waiters.notify.is_remembered);
    runtime_close(&waiters.runtime);
}
END_TEST

/* D6: the waker of the next cancels the one that was cancelled once more. */
START_TEST(a_notify_is_passed_on_once)
{
    struct edo_notify notify;
    struct edo_notify_wait waits[3];
    struct counter counter = {0};
    struct edo_context contexts[] = {{.waker = counting(&counter)},
                                     {.waker = cancelling(&waits[0].future)},
                                     {.waker = counting(&counter)}};

    edo_notify_init(&notify);
    for (int i = 0; i < 3; i++) {
        edo_notify_wait_init(&waits[i], &notify);
        ck_assert_int_eq(edo_future_poll(&waits[i].future, &contexts[i]), EDO_PENDING);
    }
    edo_notify_one(&notify);
    edo_future_cancel(&waits[0].future);
    ck_assert_int_eq(edo_future_poll(&waits[1].future, &contexts[1]), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&waits[2].future, &contexts[2]), EDO_PENDING);
    ck_assert_uint_eq(counter.wakes, 1);
}
END_TEST

/* D6: the same with a permit. */
START_TEST(a_permit_is_passed_on_once)
{
    struct edo_semaphore semaphore;
    struct edo_acquire acquires[2];
    struct counter counter = {0};
    struct edo_context contexts[] = {{.waker = counting(&counter)},
                                     {.waker = cancelling(&acquires[0].future)}};

    edo_semaphore_init(&semaphore, 0);
    for (int i = 0; i < 2; i++) {
        edo_acquire_init(&acquires[i], &semaphore);
        ck_assert_int_eq(edo_future_poll(&acquires[i].future, &contexts[i]), EDO_PENDING);
    }
    edo_semaphore_release(&semaphore);
    ck_assert_int_eq(edo_future_cancel(&acquires[0].future), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&acquires[1].future, &contexts[1]), EDO_READY);
}
END_TEST

/* J5: it only has to go on in the next turn. */
START_TEST(what_is_remembered_is_for_who_waits_the_longest_also_if_its_budget_is_used_up)
{
    struct edo_executor executor;
    struct edo_task polled;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter), .executor = &executor};
    struct edo_notify notify;
    struct edo_notify_wait waits[2];

    executor_without_reactor(&executor);
    executor.polled = &polled;
    executor.budget = 0;
    edo_notify_init(&notify);
    edo_notify_one(&notify);
    for (int i = 0; i < 2; i++) {
        edo_notify_wait_init(&waits[i], &notify);
        ck_assert_int_eq(edo_future_poll(&waits[i].future, &cx), EDO_PENDING);
        ck_assert_uint_eq(counter.wakes, 1);
        executor.budget = EDO_BUDGET;
    }
    if (_i == 0) {
        ck_assert_int_eq(edo_future_poll(&waits[0].future, &cx), EDO_READY);
        edo_future_cancel(&waits[1].future);
    } else {
        edo_future_cancel(&waits[0].future);
        ck_assert_uint_eq(counter.wakes, 2);
        ck_assert_int_eq(edo_future_poll(&waits[1].future, &cx), EDO_READY);
    }
    ck_assert(!notify.is_remembered);
}
END_TEST

/* J5: whose budget is used up is woken, to go on in the next turn. By hand there is no budget. */
START_TEST(each_permit_and_each_notify_is_one_of_its_task_s_budget)
{
    struct edo_executor executor;
    struct edo_task polled;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter), .executor = &executor};
    struct edo_semaphore semaphore;
    struct edo_acquire acquire;
    struct edo_notify notify;
    struct edo_notify_wait wait;

    executor_without_reactor(&executor);
    executor.polled = &polled;
    executor.budget = 0;
    edo_semaphore_init(&semaphore, 1);
    edo_acquire_init(&acquire, &semaphore);
    edo_notify_init(&notify);
    edo_notify_one(&notify);
    edo_notify_wait_init(&wait, &notify);
    ck_assert_int_eq(edo_future_poll(&acquire.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&wait.future, &cx), EDO_PENDING);
    ck_assert_uint_gt(counter.wakes, 1);
    ck_assert(semaphore.permits == 1 && !notify.is_remembered); /* the wait has it */
    if (_i == 0)
        executor.budget = 1;
    else
        executor.polled = NULL;
    ck_assert_int_eq(edo_future_poll(&acquire.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&wait.future, &cx), EDO_READY);
    ck_assert(semaphore.permits == 0 && !notify.is_remembered);
    ck_assert(edo_list_is_empty(&notify.waiting));
    ck_assert_uint_eq(executor.budget, 0);
}
END_TEST

Suite *semaphore_suite(void)
{
    Suite *suite = suite_create("semaphore");
    TCase *semaphores = tcase_create("semaphores");
    TCase *notifies = tcase_create("notifies");

    tcase_add_loop_test(semaphores, there_are_never_more_holders_than_permits, 0, VARIANTS);
    tcase_add_loop_test(semaphores, a_permit_is_not_lost_with_a_holder_that_was_woken_and_cancelled,
                        0, VARIANTS);
    tcase_add_loop_test(
        semaphores, a_permit_is_for_who_waits_the_longest_and_not_for_who_looks_first, 0, VARIANTS);
    tcase_add_loop_test(semaphores, many_releases_wake_many, 0, VARIANTS);
    tcase_add_loop_test(semaphores, each_permit_and_each_notify_is_one_of_its_task_s_budget, 0, 2);
    tcase_add_test(semaphores, a_permit_is_passed_on_once);
    suite_add_tcase(suite, semaphores);
    tcase_add_loop_test(notifies, one_is_notified_or_all, 0, VARIANTS);
    tcase_add_loop_test(notifies, one_is_remembered_and_all_are_not, 0, VARIANTS);
    tcase_add_loop_test(notifies, a_notify_of_all_is_not_passed_on_by_one_that_is_cancelled, 0,
                        VARIANTS);
    tcase_add_loop_test(notifies, a_notify_is_passed_on_by_one_that_is_cancelled, 0, VARIANTS);
    tcase_add_test(notifies, a_notify_is_passed_on_once);
    tcase_add_loop_test(
        notifies, what_is_remembered_is_for_who_waits_the_longest_also_if_its_budget_is_used_up, 0,
        2);
    suite_add_tcase(suite, notifies);
    return suite;
}
