/* SPDX-License-Identifier: MIT */
/* Tasks by themselves: two queues, a counting fake, and no executor. */
#include "../../reactor/task/run.h"
#include "helper.h"
#include "suites.h"

struct setup {
    struct edo_executor executor;
    struct edo_task task;
    struct fake fake;
    struct counter joiner;
};

/* A READY task whose fake is PENDING so many times. */
static void set_up(struct setup *setup, unsigned pending)
{
    executor_without_reactor(&setup->executor);
    fake_init(&setup->fake, pending);
    edo_task_init(&setup->task, "task", &setup->fake.future);
    edo_task_start(&setup->task, &setup->executor);
    setup->joiner = (struct counter){0};
    setup->task.joiner = counting(&setup->joiner);
}

static void poll(struct setup *setup)
{
    edo_task_poll(&setup->task);
}

START_TEST(a_started_task_is_ready)
{
    struct setup setup;

    set_up(&setup, 0);
    ck_assert_int_eq(setup.task.state, EDO_TASK_READY);
    ck_assert(edo_task_is_live(&setup.task));
    ck_assert_ptr_eq(setup.executor.ready.next, &setup.task.link);
}
END_TEST

START_TEST(pending_makes_it_wait_and_a_wake_makes_it_ready)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_WAITING);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
    edo_wake(setup.fake.waker);
    ck_assert_int_eq(setup.task.state, EDO_TASK_READY);
    ck_assert(!edo_list_is_empty(&setup.executor.ready));
    ck_assert_uint_eq(setup.fake.polls, 1); /* a wake never polls */
}
END_TEST

START_TEST(ready_ends_it_and_wakes_the_joiner_once)
{
    struct setup setup;

    set_up(&setup, 0);
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    ck_assert(!edo_task_is_live(&setup.task));
    ck_assert_uint_eq(setup.joiner.wakes, 1);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
    ck_assert(edo_list_is_empty(&setup.executor.live));
}
END_TEST

/* C4 */
START_TEST(waking_it_twice_is_like_once)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    edo_wake(setup.fake.waker);
    edo_wake(setup.fake.waker);
    ck_assert_ptr_eq(setup.executor.ready.next, &setup.task.link);
    ck_assert_ptr_eq(setup.executor.ready.prev, &setup.task.link);
}
END_TEST

/* C4 */
START_TEST(waking_it_before_its_start_does_nothing)
{
    struct fake fake;
    struct edo_task task;

    fake_init(&fake, 0);
    edo_task_init(&task, "task", &fake.future);
    edo_wake(edo_task_waker(&task));
    ck_assert_int_eq(task.state, EDO_TASK_NEW);
}
END_TEST

START_TEST(waking_it_after_its_end_does_nothing)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    edo_wake(setup.fake.waker);
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    edo_wake(setup.fake.waker);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
}
END_TEST

/* C4 */
START_TEST(a_wake_from_inside_its_own_poll_makes_it_ready_again)
{
    struct setup setup;

    set_up(&setup, 1);
    setup.fake.wakes_itself = true;
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_READY);
    ck_assert_ptr_eq(setup.executor.ready.next, &setup.task.link);
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
}
END_TEST

/* C4 */
START_TEST(a_wake_from_inside_the_poll_that_ends_it_does_nothing)
{
    struct setup setup;

    set_up(&setup, 0);
    setup.fake.wakes_itself = true;
    poll(&setup);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
}
END_TEST

START_TEST(cancel_ends_a_waiting_task_and_wakes_the_joiner)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    ck_assert_int_eq(edo_task_cancel(&setup.task), EDO_READY);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    ck_assert_uint_eq(setup.fake.cancels, 1);
    ck_assert_uint_eq(setup.joiner.wakes, 1);
    ck_assert(edo_list_is_empty(&setup.executor.live));
    ck_assert_int_eq(edo_future_outcome(&setup.fake.future).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

START_TEST(cancel_wins_over_a_wake_that_was_not_polled_yet)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    edo_wake(setup.fake.waker);
    edo_task_cancel(&setup.task);
    ck_assert_uint_eq(setup.fake.polls, 1);
    ck_assert_int_eq(edo_future_outcome(&setup.fake.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
}
END_TEST

START_TEST(cancel_is_idempotent)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    edo_task_cancel(&setup.task);
    ck_assert_int_eq(edo_task_cancel(&setup.task), EDO_READY);
    ck_assert_uint_eq(setup.fake.cancels, 1);
    ck_assert_uint_eq(setup.joiner.wakes, 1);
}
END_TEST

START_TEST(a_task_that_was_never_started_can_be_cancelled)
{
    struct fake fake;
    struct edo_task task;

    fake_init(&fake, 0);
    edo_task_init(&task, "task", &fake.future);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_int_eq(fake.future.state, EDO_CANCELLED);
    ck_assert(!edo_task_is_live(&task));
}
END_TEST

/* A future that cancels its own task, and then goes on waiting or ends. */
struct suicide {
    struct edo_future future;
    struct edo_task task;
    bool is_woken, ends;
    int answer;
    unsigned cancels;
};

static enum edo_poll suicide_poll(struct edo_future *self, struct edo_context *cx)
{
    struct suicide *suicide = edo_container_of(self, struct suicide, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (suicide->is_woken)
        edo_wake(cx->waker);
    suicide->answer = (int)edo_task_cancel(&suicide->task);
    return suicide->ends ? edo_future_done(self, NULL) : EDO_PENDING;
}

static enum edo_poll suicide_cancel(struct edo_future *self)
{
    edo_container_of(self, struct suicide, future)->cancels++;
    return EDO_READY;
}

static const struct edo_future_type suicide_type = {
    .name = "suicide", .poll = suicide_poll, .cancel = suicide_cancel};

static void run_suicide(struct suicide *suicide, bool is_woken, bool ends)
{
    struct edo_executor executor;

    executor_without_reactor(&executor);
    *suicide = (struct suicide){.is_woken = is_woken, .ends = ends};
    edo_future_init(&suicide->future, &suicide_type);
    edo_task_init(&suicide->task, "suicide", &suicide->future);
    edo_task_start(&suicide->task, &executor);
    edo_task_poll(&suicide->task);
    ck_assert_int_eq(suicide->answer, EDO_PENDING);
    ck_assert_int_eq(suicide->task.state, EDO_TASK_ENDED);
}

/* C1 */
START_TEST(a_task_that_cancels_itself_is_cancelled_when_its_poll_returns)
{
    struct suicide suicide;

    run_suicide(&suicide, _i, false);
    ck_assert_uint_eq(suicide.cancels, 1);
    ck_assert_int_eq(edo_future_outcome(&suicide.future).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

/* C1 */
START_TEST(a_task_that_cancels_itself_and_ends_has_ended)
{
    struct suicide suicide;

    run_suicide(&suicide, _i, true);
    ck_assert_uint_eq(suicide.cancels, 0);
    ck_assert_int_eq(edo_future_outcome(&suicide.future).kind, EDO_OUTCOME_OK);
}
END_TEST

/* A future whose cancel cancels another task, twice, and wakes it in between. */
struct destroyer {
    struct edo_future future;
    struct edo_task *victim;
};

static enum edo_poll destroyer_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll destroyer_cancel(struct edo_future *self)
{
    const struct destroyer *destroyer = edo_container_of(self, struct destroyer, future);
    struct edo_task *victim = destroyer->victim;

    ck_assert_int_eq(edo_task_cancel(victim), victim->state == EDO_TASK_ENDED);
    edo_wake(edo_task_waker(victim));
    ck_assert_int_eq(edo_task_cancel(victim), victim->state == EDO_TASK_ENDED);
    return EDO_READY;
}

/* C1 */
START_TEST(a_task_that_is_about_to_be_cancelled_is_neither_woken_nor_asked_twice)
{
    static const struct edo_future_type type = {
        .name = "destroyer", .poll = destroyer_poll, .cancel = destroyer_cancel};
    struct setup setup;
    struct destroyer destroyer = {.victim = &setup.task};
    struct edo_task task;

    set_up(&setup, 1);
    poll(&setup);
    edo_future_init(&destroyer.future, &type);
    edo_task_init(&task, "destroyer", &destroyer.future);
    edo_task_start(&task, &setup.executor);
    edo_task_poll(&task);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
    ck_assert_uint_eq(setup.fake.cancels, 1);
    ck_assert_uint_eq(setup.fake.polls, 1);
    ck_assert_uint_eq(setup.joiner.wakes, 1);
    ck_assert(edo_list_is_empty(&setup.executor.ready));
}
END_TEST

/* C1 */
START_TEST(its_struct_can_be_used_again_right_after_its_end)
{
    struct setup setup;

    set_up(&setup, 0);
    for (int i = 0; i < 3; i++) {
        poll(&setup);
        ck_assert_int_eq(setup.task.state, EDO_TASK_ENDED);
        fake_init(&setup.fake, 0);
        edo_task_init(&setup.task, "again", &setup.fake.future);
        edo_task_start(&setup.task, &setup.executor);
    }
    ck_assert_uint_eq(setup.joiner.wakes, 1);
}
END_TEST

Suite *task_suite(void)
{
    Suite *suite = suite_create("task");
    TCase *states = tcase_create("states");
    TCase *cancel = tcase_create("cancel");

    tcase_add_test(states, a_started_task_is_ready);
    tcase_add_test(states, pending_makes_it_wait_and_a_wake_makes_it_ready);
    tcase_add_test(states, ready_ends_it_and_wakes_the_joiner_once);
    tcase_add_test(states, waking_it_twice_is_like_once);
    tcase_add_test(states, waking_it_before_its_start_does_nothing);
    tcase_add_test(states, waking_it_after_its_end_does_nothing);
    tcase_add_test(states, a_wake_from_inside_its_own_poll_makes_it_ready_again);
    tcase_add_test(states, a_wake_from_inside_the_poll_that_ends_it_does_nothing);
    tcase_add_test(states, its_struct_can_be_used_again_right_after_its_end);
    suite_add_tcase(suite, states);

    tcase_add_test(cancel, cancel_ends_a_waiting_task_and_wakes_the_joiner);
    tcase_add_test(cancel, cancel_wins_over_a_wake_that_was_not_polled_yet);
    tcase_add_test(cancel, cancel_is_idempotent);
    tcase_add_test(cancel, a_task_that_was_never_started_can_be_cancelled);
    tcase_add_loop_test(cancel, a_task_that_cancels_itself_is_cancelled_when_its_poll_returns, 0,
                        2);
    tcase_add_loop_test(cancel, a_task_that_cancels_itself_and_ends_has_ended, 0, 2);
    tcase_add_test(cancel, a_task_that_is_about_to_be_cancelled_is_neither_woken_nor_asked_twice);
    suite_add_tcase(suite, cancel);
    return suite;
}
