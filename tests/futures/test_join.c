/* SPDX-License-Identifier: MIT */
/* Joining futures: counting fakes and no kernel. */
#include <pthread.h>
#include <stdlib.h>

#include "../../reactor/task/run.h"
#include "helper.h"
#include "suites.h"

/* A join of `count` fakes, each PENDING `pending` times, polled by hand. */
struct setup {
    struct edo_join join;
    struct edo_branch *branches;
    struct fake *fakes;
    size_t count;
    struct counter counter;
    struct edo_context cx;
};

static void set_up(struct setup *setup, size_t count, unsigned pending)
{
    *setup = (struct setup){.count = count};
    setup->branches = calloc(count + 1, sizeof *setup->branches);
    setup->fakes = calloc(count + 1, sizeof *setup->fakes);
    for (size_t i = 0; i < count; i++) {
        fake_init(&setup->fakes[i], pending);
        setup->branches[i].child = &setup->fakes[i].future;
    }
    setup->cx.waker = counting(&setup->counter);
    edo_join_init(&setup->join, setup->branches, count);
}

static void tear_down(struct setup *setup)
{
    free(setup->branches);
    free(setup->fakes);
}

static enum edo_poll poll(struct setup *setup)
{
    return edo_future_poll(&setup->join.future, &setup->cx);
}

static unsigned long all_polls(const struct setup *setup)
{
    unsigned long polls = 0;

    for (size_t i = 0; i < setup->count; i++)
        polls += setup->fakes[i].polls;
    return polls;
}

/* J9 */
START_TEST(a_join_of_nothing_is_ready_at_once)
{
    struct setup setup;

    set_up(&setup, 0, 0);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    tear_down(&setup);
}
END_TEST

/* J9 */
START_TEST(a_join_of_one_is_ready_when_it_is)
{
    struct setup setup;

    set_up(&setup, 1, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    edo_wake(setup.fakes[0].waker);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    tear_down(&setup);
}
END_TEST

START_TEST(the_last_one_makes_it_ready_in_any_order)
{
    static const int order[] = {2, 0, 3, 1};
    struct setup setup;

    set_up(&setup, 4, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    for (int i = 0; i < 4; i++) {
        edo_wake(setup.fakes[order[i]].waker);
        ck_assert_int_eq(poll(&setup), i < 3 ? EDO_PENDING : EDO_READY);
    }
    tear_down(&setup);
}
END_TEST

/* J1 */
START_TEST(only_a_child_that_was_woken_is_polled)
{
    struct setup setup;

    set_up(&setup, 1000, 2);
    poll(&setup);
    ck_assert_uint_eq(all_polls(&setup), 1000);
    edo_wake(setup.fakes[500].waker);
    edo_wake(setup.fakes[7].waker);
    poll(&setup);
    ck_assert_uint_eq(all_polls(&setup), 1002);
    ck_assert_uint_eq(setup.fakes[500].polls, 2);
    ck_assert_uint_eq(setup.fakes[7].polls, 2);
    poll(&setup); /* for nothing */
    ck_assert_uint_eq(all_polls(&setup), 1002);
    tear_down(&setup);
}
END_TEST

/* J1, J9 */
START_TEST(a_million_children_cost_a_million_polls_and_one_for_each_wake)
{
    struct setup setup;
    size_t count = a_million();
    enum edo_poll answer = EDO_PENDING;

    set_up(&setup, count, 1);
    poll(&setup);
    for (size_t i = 0; i < count; i++) {
        edo_wake(setup.fakes[i].waker);
        if (i % 1000 == 999)
            answer = poll(&setup);
    }
    ck_assert_int_eq(answer, EDO_READY);
    ck_assert_uint_eq(all_polls(&setup), 2 * count);
    tear_down(&setup);
}
END_TEST

static void *join_on_a_small_stack(void *data)
{
    struct setup *setup = data;

    poll(setup);
    for (size_t i = 0; i < setup->count; i++)
        edo_wake(setup->fakes[i].waker);
    return poll(setup) == EDO_READY ? setup : NULL;
}

/* D45 */
START_TEST(a_million_that_complete_in_one_go_need_no_more_stack_than_one)
{
    struct setup setup;
    pthread_attr_t small;
    pthread_t thread;
    void *result;

    set_up(&setup, a_million(), 1);
    pthread_attr_init(&small);
    ck_assert_int_eq(pthread_attr_setstacksize(&small, stack_of((size_t)64 * 1024)), 0);
    ck_assert_int_eq(pthread_create(&thread, &small, join_on_a_small_stack, &setup), 0);
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, &setup);
    pthread_attr_destroy(&small);
    tear_down(&setup);
}
END_TEST

/* C4 */
START_TEST(waking_a_child_twice_or_after_its_end_is_harmless)
{
    struct setup setup;

    set_up(&setup, 2, 1);
    poll(&setup);
    edo_wake(setup.fakes[0].waker);
    edo_wake(setup.fakes[0].waker);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    poll(&setup);
    edo_wake(setup.fakes[0].waker);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    edo_wake(setup.fakes[1].waker);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    tear_down(&setup);
}
END_TEST

START_TEST(a_child_that_wakes_itself_waits_for_the_next_poll)
{
    struct setup setup;

    set_up(&setup, 2, 3);
    setup.fakes[0].wakes_itself = true;
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    ck_assert_uint_eq(setup.fakes[0].polls, 1);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    ck_assert_uint_eq(setup.fakes[0].polls, 2);
    ck_assert_uint_eq(setup.fakes[1].polls, 1);
    tear_down(&setup);
}
END_TEST

/* Takes what the task's budget has, and is never done: as a peer that floods. */
struct flood {
    struct edo_future future;
    unsigned taken;
};

static enum edo_poll flood_poll(struct edo_future *self, struct edo_context *cx)
{
    struct flood *flood = edo_container_of(self, struct flood, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    while (edo_budget_take(cx))
        flood->taken++;
    return EDO_PENDING;
}

/* J5: it uses up the budget, and is the first in each poll. */
START_TEST(a_child_that_floods_keeps_no_other_from_its_turn)
{
    static const struct edo_future_type type = {.name = "flood", .poll = flood_poll};
    struct runtime runtime;
    struct flood flood = {.taken = 0};
    struct edo_semaphore semaphore;
    struct edo_acquire acquire;
    struct edo_branch branches[2] = {{.child = &flood.future}, {.child = &acquire.future}};
    struct edo_join join;
    struct edo_task task;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_future_init(&flood.future, &type);
    edo_semaphore_init(&semaphore, 1);
    edo_acquire_init(&acquire, &semaphore);
    if (_i == 0)
        edo_join_init(&join, branches, 2);
    else
        edo_race_init(&join, branches, 2, 0);
    edo_task_init(&task, "task", &join.future);
    edo_executor_spawn(&runtime.executor, &task);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(acquire.future.state, EDO_DONE);
    ck_assert_uint_le(flood.taken / 2, EDO_BUDGET); /* in two turns */
    runtime_close(&runtime);
}
END_TEST

/* C4: found by the random trees. It was counted twice, and the join ended without the other. */
START_TEST(a_child_that_wakes_itself_in_its_last_poll_is_counted_once)
{
    struct setup setup;

    set_up(&setup, 2, 1);
    setup.fakes[0].pending = 0;
    setup.fakes[0].wakes_itself = true;
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    edo_wake(setup.fakes[1].waker);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    tear_down(&setup);
}
END_TEST

/* J3 */
START_TEST(every_outcome_is_there_to_be_asked_for)
{
    struct setup setup;

    set_up(&setup, 3, 0);
    setup.fakes[1].error = -EIO;
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(setup.join.future.error, 0);
    ck_assert_int_eq(edo_future_outcome(setup.branches[0].child).kind, EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_future_outcome(setup.branches[1].child).kind, EDO_OUTCOME_FAILED);
    ck_assert_int_eq(edo_future_outcome(setup.branches[1].child).error, -EIO);
    ck_assert_int_eq(edo_future_outcome(setup.branches[2].child).kind, EDO_OUTCOME_OK);
    tear_down(&setup);
}
END_TEST

START_TEST(a_child_that_has_ended_before_the_join_counts)
{
    struct setup setup;
    struct edo_context cx = {0};

    set_up(&setup, 2, 0);
    edo_future_poll(&setup.fakes[0].future, &cx);
    setup.fakes[1].error = -EIO;
    edo_future_poll(&setup.fakes[1].future, &cx);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(all_polls(&setup), 2);
    tear_down(&setup);
}
END_TEST

START_TEST(cancel_cancels_the_children_that_have_not_ended)
{
    struct setup setup;

    set_up(&setup, 3, 1);
    poll(&setup);
    edo_wake(setup.fakes[1].waker);
    poll(&setup);
    edo_future_cancel(&setup.join.future);
    ck_assert_uint_eq(setup.fakes[0].cancels, 1);
    ck_assert_uint_eq(setup.fakes[1].cancels, 0);
    ck_assert_uint_eq(setup.fakes[2].cancels, 1);
    ck_assert_int_eq(setup.fakes[1].future.state, EDO_DONE);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    tear_down(&setup);
}
END_TEST

/* J8 */
START_TEST(who_polled_it_last_is_woken)
{
    struct setup setup;
    struct counter other = {0};

    set_up(&setup, 2, 1);
    poll(&setup);
    setup.cx.waker = counting(&other);
    poll(&setup);
    edo_wake(setup.fakes[0].waker);
    ck_assert_uint_eq(setup.counter.wakes, 0);
    ck_assert_uint_eq(other.wakes, 1);
    tear_down(&setup);
}
END_TEST

/* J8: an inner join in an outer one; each branch's wake arrives by its own way. */
START_TEST(a_nested_join_does_not_take_its_sibling_s_wakes)
{
    struct setup inner;
    struct edo_join outer;
    struct edo_branch branches[2];
    struct fake sibling;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    set_up(&inner, 2, 1);
    fake_init(&sibling, 1);
    branches[0].child = &inner.join.future;
    branches[1].child = &sibling.future;
    edo_join_init(&outer, branches, 2);

    ck_assert_int_eq(edo_future_poll(&outer.future, &cx), EDO_PENDING);
    edo_wake(sibling.waker);
    ck_assert_int_eq(edo_future_poll(&outer.future, &cx), EDO_PENDING);
    ck_assert_int_eq(sibling.future.state, EDO_DONE);
    ck_assert_uint_eq(all_polls(&inner), 2);
    edo_wake(inner.fakes[1].waker);
    edo_wake(inner.fakes[0].waker);
    ck_assert_int_eq(edo_future_poll(&outer.future, &cx), EDO_READY);
    ck_assert_uint_eq(counter.wakes, 2);
    tear_down(&inner);
}
END_TEST

START_TEST(sleeps_joined_in_one_task_take_as_long_as_the_longest)
{
    struct runtime runtime;
    struct edo_sleep sleeps[3];
    struct edo_branch branches[3];
    struct edo_join join;
    struct edo_task task;

    runtime_open(&runtime, _i);
    for (unsigned i = 0; i < 3; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(100) * (i + 1));
        branches[i].child = &sleeps[i].future;
    }
    edo_join_init(&join, branches, 3);
    edo_task_init(&task, "join", &join.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(300));
    runtime_close(&runtime);
}
END_TEST

/* D6: a child passes on what it was woken for, and the waker of the next cancels the join. */
START_TEST(a_join_that_is_cancelled_from_inside_its_cancel_ends)
{
    struct edo_channel channel;
    struct edo_receive inner, outer;
    struct edo_notify notify;
    struct edo_notify_wait wait;
    struct edo_shield shield;
    struct edo_branch branches[] = {{.child = &inner.future}, {.child = &shield.future}};
    struct edo_join join;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    char buffer[1], messages[2];

    edo_channel_init(&channel, buffer, 1, 1);
    edo_notify_init(&notify);
    edo_receive_init(&inner, &channel, &messages[0]);
    edo_receive_init(&outer, &channel, &messages[1]);
    edo_notify_wait_init(&wait, &notify);
    edo_shield_init(&shield, &wait.future);
    edo_join_init(&join, branches, 2);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_PENDING);
    cx.waker = cancelling(&join.future);
    ck_assert_int_eq(edo_future_poll(&outer.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_channel_try_send(&channel, "x"), 0);
    ck_assert_int_eq(edo_future_cancel(&join.future), EDO_PENDING);
    edo_notify_one(&notify);
    cx.waker = counting(&counter);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
    ck_assert_int_eq(join.future.state, EDO_CANCELLED);
    edo_future_cancel(&outer.future);
}
END_TEST

Suite *join_suite(void)
{
    Suite *suite = suite_create("join");
    TCase *ready = tcase_create("ready");
    TCase *wakes = tcase_create("wakes");
    TCase *million = tcase_create("million");

    tcase_add_test(ready, a_join_of_nothing_is_ready_at_once);
    tcase_add_test(ready, a_join_of_one_is_ready_when_it_is);
    tcase_add_test(ready, the_last_one_makes_it_ready_in_any_order);
    tcase_add_test(ready, every_outcome_is_there_to_be_asked_for);
    tcase_add_test(ready, a_child_that_has_ended_before_the_join_counts);
    tcase_add_test(ready, cancel_cancels_the_children_that_have_not_ended);
    tcase_add_loop_test(ready, sleeps_joined_in_one_task_take_as_long_as_the_longest, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(ready, a_join_that_is_cancelled_from_inside_its_cancel_ends);
    suite_add_tcase(suite, ready);

    tcase_add_test(wakes, only_a_child_that_was_woken_is_polled);
    tcase_add_test(wakes, waking_a_child_twice_or_after_its_end_is_harmless);
    tcase_add_test(wakes, a_child_that_wakes_itself_waits_for_the_next_poll);
    tcase_add_loop_test(wakes, a_child_that_floods_keeps_no_other_from_its_turn, 0, 2);
    tcase_add_test(wakes, a_child_that_wakes_itself_in_its_last_poll_is_counted_once);
    tcase_add_test(wakes, who_polled_it_last_is_woken);
    tcase_add_test(wakes, a_nested_join_does_not_take_its_sibling_s_wakes);
    suite_add_tcase(suite, wakes);

    tcase_add_test(million, a_million_children_cost_a_million_polls_and_one_for_each_wake);
    tcase_add_test(million, a_million_that_complete_in_one_go_need_no_more_stack_than_one);
    suite_add_tcase(suite, million);
    return suite;
}
