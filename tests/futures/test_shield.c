/* SPDX-License-Identifier: MIT */
/* The shield, and what cancelling means where one holds. */
#include "helper.h"
#include "suites.h"

/* A shield around a fake that is PENDING so many times, polled by hand. */
struct setup {
    struct edo_shield shield;
    struct fake fake;
    struct counter counter;
    struct edo_context cx;
};

static void set_up(struct setup *setup, unsigned pending)
{
    *setup = (struct setup){.cx.waker = counting(&setup->counter)};
    fake_init(&setup->fake, pending);
    edo_shield_init(&setup->shield, &setup->fake.future);
}

static enum edo_poll poll(struct setup *setup)
{
    return edo_future_poll(&setup->shield.future, &setup->cx);
}

START_TEST(it_ends_as_its_child_does)
{
    struct setup setup;
    struct edo_outcome outcome;

    set_up(&setup, 0);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    outcome = edo_future_outcome(&setup.shield.future);
    ck_assert_int_eq(outcome.kind, EDO_OUTCOME_OK);
    ck_assert_ptr_eq(outcome.value, &setup.fake);

    set_up(&setup, 0);
    setup.fake.error = -EIO;
    poll(&setup);
    ck_assert_int_eq(setup.shield.future.error, -EIO);

    set_up(&setup, 1);
    edo_future_cancel(&setup.fake.future);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(setup.shield.future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(cancelled_before_its_first_poll_it_never_starts)
{
    struct setup setup;

    set_up(&setup, 1);
    ck_assert_int_eq(edo_future_cancel(&setup.shield.future), EDO_READY);
    ck_assert_int_eq(setup.shield.future.state, EDO_CANCELLED);
    ck_assert_uint_eq(setup.fake.polls, 0);
}
END_TEST

START_TEST(cancelled_it_goes_on_until_its_child_has_ended)
{
    struct setup setup;

    set_up(&setup, 2);
    poll(&setup);
    ck_assert_int_eq(edo_future_cancel(&setup.shield.future), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&setup.shield.future), EDO_PENDING);
    ck_assert(!edo_future_has_ended(&setup.shield.future));
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    ck_assert_uint_eq(setup.fake.cancels, 0);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(setup.shield.future.state, EDO_CANCELLED);
    ck_assert_int_eq(setup.fake.future.state, EDO_DONE);
    ck_assert_int_eq(edo_future_cancel(&setup.shield.future), EDO_READY);
}
END_TEST

START_TEST(nothing_after_the_shielded_part_is_begun)
{
    struct setup setup;
    struct sequence sequence;
    struct fake second;
    struct edo_future *children[] = {&setup.shield.future, &second.future};

    set_up(&setup, 1);
    fake_init(&second, 0);
    sequence_init(&sequence, children, 2);
    ck_assert_int_eq(edo_future_poll(&sequence.future, &setup.cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&sequence.future), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&sequence.future, &setup.cx), EDO_READY);
    ck_assert_int_eq(sequence.future.state, EDO_CANCELLED);
    ck_assert_uint_eq(second.polls, 0);
}
END_TEST

/* async fn { open(something); child.await; ... }, which closes it when it is cancelled. */
struct opener {
    struct edo_future future;
    struct edo_future *child;
    bool is_open;
};

static enum edo_poll opener_poll(struct edo_future *self, struct edo_context *cx)
{
    struct opener *opener = edo_container_of(self, struct opener, future);

    ck_assert_int_eq(self->state, EDO_START); /* not polled again once it is cancelled */
    opener->is_open = true;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return edo_future_await(self, opener->child, cx);
}

static enum edo_poll opener_cancel(struct edo_future *self)
{
    if (edo_future_cancel(self->awaiting) == EDO_PENDING)
        return EDO_PENDING;
    edo_container_of(self, struct opener, future)->is_open = false;
    return EDO_READY;
}

START_TEST(what_it_is_in_cleans_up_after_it)
{
    static const struct edo_future_type type = {
        .name = "opener", .poll = opener_poll, .cancel = opener_cancel};
    struct edo_shield shield;
    struct opener opener = {.child = &shield.future};
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_sleep_init(&sleep, EDO_MS(5));
    edo_shield_init(&shield, &sleep.future);
    edo_future_init(&opener.future, &type);
    edo_task_init(&task, "opener", &opener.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_PENDING);
    ck_assert(opener.is_open);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert(!opener.is_open);
    ck_assert_int_eq(opener.future.state, EDO_CANCELLED);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    runtime_close(&runtime);
}
END_TEST

START_TEST(only_what_it_holds_is_held)
{
    struct setup setup;
    struct fake sibling;
    struct edo_branch array[2];
    struct edo_join join;

    set_up(&setup, 1);
    fake_init(&sibling, 5);
    array[0].child = &setup.shield.future;
    array[1].child = &sibling.future;
    edo_join_init(&join, array, 2);
    edo_future_poll(&join.future, &setup.cx);
    ck_assert_int_eq(edo_future_cancel(&join.future), EDO_PENDING);
    ck_assert_int_eq(sibling.future.state, EDO_CANCELLED);
    edo_future_poll(&join.future, &setup.cx); /* for nothing */
    ck_assert_uint_eq(setup.fake.polls, 1);
    edo_wake(setup.fake.waker);
    ck_assert_int_eq(edo_future_poll(&join.future, &setup.cx), EDO_READY);
    ck_assert_int_eq(join.future.state, EDO_CANCELLED);
    ck_assert_uint_eq(sibling.cancels, 1);
}
END_TEST

/* --- In a task -------------------------------------------------------------------------------- */

/* A task: a sleep of `unit_ns` under a shield, joined with one twice as long that is not. */
struct held {
    struct edo_sleep sleeps[2];
    struct edo_shield shield;
    struct edo_branch array[2];
    struct edo_join join;
    struct edo_task task;
    struct edo_join_tasks joiner;
};

static void spawn_held(struct runtime *runtime, struct held *held, uint64_t unit_ns)
{
    edo_sleep_init(&held->sleeps[0], unit_ns);
    edo_sleep_init(&held->sleeps[1], 2 * unit_ns);
    edo_shield_init(&held->shield, &held->sleeps[0].future);
    held->array[0].child = &held->shield.future;
    held->array[1].child = &held->sleeps[1].future;
    edo_join_init(&held->join, held->array, 2);
    edo_task_init(&held->task, "held", &held->join.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, &held->task), 0);
    edo_executor_turn(&runtime->executor);
}

START_TEST(a_held_task_ends_when_the_shield_lets_go_and_its_joiner_sees_cancelled)
{
    struct runtime runtime;
    struct held held;

    runtime_open(&runtime, _i);
    spawn_held(&runtime, &held, EDO_MS(10));
    ck_assert_int_eq(edo_task_cancel(&held.task), EDO_PENDING);
    ck_assert(edo_task_is_live(&held.task));
    ck_assert_int_eq(held.sleeps[1].future.state, EDO_CANCELLED);
    edo_join_tasks_init(&held.joiner, &held.task, 1);
    runtime_await(&runtime, &held.joiner.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    ck_assert_int_eq(edo_future_outcome(held.task.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(held.sleeps[0].future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* J7: the second holds on for longer than the first. */
START_TEST(who_joins_two_held_tasks_waits_for_both)
{
    struct runtime runtime;
    struct edo_sleep sleeps[2];
    struct edo_shield shields[2];
    struct edo_task tasks[2], parent;
    struct edo_join_tasks join;

    runtime_open(&runtime, _i);
    for (unsigned i = 0; i < 2; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(10 * (i + 1)));
        edo_shield_init(&shields[i], &sleeps[i].future);
        edo_task_init(&tasks[i], "held", &shields[i].future);
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    }
    edo_join_tasks_init(&join, tasks, 2);
    edo_task_init(&parent, "parent", &join.future);
    edo_executor_spawn(&runtime.executor, &parent);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_PENDING);
    runtime_run_for(&runtime, EDO_MS(15)); /* the first has ended */
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_PENDING);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &parent), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(20));
    ck_assert_int_eq(join.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* J7: the joiner of a held task is held itself, and not longer. */
START_TEST(who_joins_a_held_task_is_held_with_it)
{
    struct runtime runtime;
    struct held held;
    struct edo_task parent;

    runtime_open(&runtime, _i);
    spawn_held(&runtime, &held, EDO_MS(10));
    edo_join_tasks_init(&held.joiner, &held.task, 1);
    edo_task_init(&parent, "parent", &held.joiner.future);
    edo_executor_spawn(&runtime.executor, &parent);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_PENDING);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &parent), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    ck_assert_int_eq(held.task.state, EDO_TASK_ENDED);
    ck_assert_int_eq(held.joiner.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* E8 */
START_TEST(closing_the_executor_cuts_it_off)
{
    struct runtime runtime;
    struct held held;

    runtime_open(&runtime, _i);
    spawn_held(&runtime, &held, EDO_S(10));
    edo_task_cancel(&held.task);
    runtime_close(&runtime);
    ck_assert_int_eq(held.sleeps[0].future.state, EDO_CANCELLED);
    ck_assert_int_eq(held.task.state, EDO_TASK_ENDED);
}
END_TEST

/* async fn { cancel(myself); child.await } */
struct self_cancel {
    struct edo_future future;
    struct edo_task task;
    struct edo_shield shield;
    struct edo_sleep sleep;
};

static enum edo_poll self_cancel_poll(struct edo_future *self, struct edo_context *cx)
{
    struct self_cancel *it = edo_container_of(self, struct self_cancel, future);

    ck_assert_int_eq(self->state, EDO_START);
    edo_future_goto(self, EDO_FIRST_AWAIT);
    ck_assert_int_eq(edo_task_cancel(&it->task), EDO_PENDING);
    return edo_future_await(self, &it->shield.future, cx);
}

/* C1 */
START_TEST(a_task_that_cancels_itself_is_held_too)
{
    static const struct edo_future_type type = {.name = "self_cancel", .poll = self_cancel_poll};
    struct runtime runtime;
    struct self_cancel it;

    runtime_open(&runtime, _i);
    edo_future_init(&it.future, &type);
    edo_task_init(&it.task, "it", &it.future);
    edo_sleep_init(&it.sleep, EDO_MS(10));
    edo_shield_init(&it.shield, &it.sleep.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &it.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    ck_assert_int_eq(it.future.state, EDO_CANCELLED);
    ck_assert_int_eq(it.sleep.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* Letting go of a send makes room for the one that is shielded: its wake comes in the middle of the
 * cancel, and must not be lost. */
START_TEST(a_wake_that_comes_with_the_cancel_is_not_lost)
{
    struct runtime runtime;
    struct edo_channel channel;
    struct edo_send sends[3];
    struct edo_shield shield;
    struct edo_branch array[2];
    struct edo_join join;
    struct edo_task task;
    int buffer[1], message = 7, received = 0;
    struct edo_receive receive;

    runtime_open(&runtime, _i);
    edo_channel_init(&channel, buffer, sizeof message, 1);
    for (int i = 0; i < 3; i++)
        edo_send_init(&sends[i], &channel, &message);
    edo_receive_init(&receive, &channel, &received);
    runtime_await(&runtime, &sends[0].future); /* it is full */
    edo_shield_init(&shield, &sends[2].future);
    array[0].child = &sends[1].future;
    array[1].child = &shield.future;
    edo_join_init(&join, array, 2);
    edo_task_init(&task, "task", &join.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    runtime_await(&runtime, &receive.future); /* wakes sends[1], the first in line */
    ck_assert_int_eq(edo_task_cancel(&task), EDO_PENDING);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq(sends[1].future.state, EDO_CANCELLED);
    ck_assert_int_eq(sends[2].future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

Suite *shield_suite(void)
{
    Suite *suite = suite_create("shield");
    TCase *future = tcase_create("future");
    TCase *task = tcase_create("task");

    tcase_add_test(future, it_ends_as_its_child_does);
    tcase_add_test(future, cancelled_before_its_first_poll_it_never_starts);
    tcase_add_test(future, cancelled_it_goes_on_until_its_child_has_ended);
    tcase_add_test(future, nothing_after_the_shielded_part_is_begun);
    tcase_add_test(future, only_what_it_holds_is_held);
    suite_add_tcase(suite, future);

    tcase_add_loop_test(task,
                        a_held_task_ends_when_the_shield_lets_go_and_its_joiner_sees_cancelled, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(task, who_joins_two_held_tasks_waits_for_both, 0, VIRTUAL_VARIANTS);
    tcase_add_test(task, what_it_is_in_cleans_up_after_it);
    tcase_add_loop_test(task, who_joins_a_held_task_is_held_with_it, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(task, closing_the_executor_cuts_it_off, 0, VARIANTS);
    tcase_add_loop_test(task, a_task_that_cancels_itself_is_held_too, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(task, a_wake_that_comes_with_the_cancel_is_not_lost, 0, VIRTUAL_VARIANTS);
    suite_add_tcase(suite, task);
    return suite;
}
