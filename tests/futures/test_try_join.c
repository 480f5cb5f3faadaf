/* SPDX-License-Identifier: MIT */
/* Joining futures of which the first that fails ends the others. */
#include "helper.h"
#include "suites.h"

enum { CHILDREN = 3 };

struct setup {
    struct edo_join join;
    struct edo_branch array[CHILDREN];
    struct fake fakes[CHILDREN];
    struct counter counter;
    struct edo_context cx;
};

static void set_up(struct setup *setup, unsigned pending)
{
    *setup = (struct setup){.cx.waker = counting(&setup->counter)};
    for (size_t i = 0; i < CHILDREN; i++) {
        fake_init(&setup->fakes[i], pending);
        setup->array[i].child = &setup->fakes[i].future;
    }
    edo_try_join_init(&setup->join, setup->array, CHILDREN);
}

static enum edo_poll poll(struct setup *setup)
{
    return edo_future_poll(&setup->join.future, &setup->cx);
}

static void wake_all(struct setup *setup)
{
    for (size_t i = 0; i < CHILDREN; i++)
        edo_wake(setup->fakes[i].waker);
}

/* J9 */
START_TEST(of_none_it_is_done_at_once)
{
    struct edo_join join;
    struct edo_context cx = {0};

    edo_try_join_init(&join, NULL, 0);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
    ck_assert_int_eq(join.future.state, EDO_DONE);
}
END_TEST

START_TEST(it_is_done_when_the_last_is)
{
    struct setup setup;

    set_up(&setup, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    edo_wake(setup.fakes[2].waker);
    edo_wake(setup.fakes[0].waker);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    edo_wake(setup.fakes[1].waker);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(setup.join.future.state, EDO_DONE);
}
END_TEST

/* J2 */
START_TEST(the_first_error_cancels_the_rest_and_is_returned_with_whose_it_is)
{
    struct setup setup;

    set_up(&setup, 2);
    setup.fakes[1].pending = 1;
    setup.fakes[1].error = -EIO;
    poll(&setup);
    wake_all(&setup);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(setup.join.future.error, -EIO);
    ck_assert_uint_eq(setup.join.decided, 1);
    ck_assert_uint_eq(setup.fakes[0].cancels, 1);
    ck_assert_uint_eq(setup.fakes[0].polls, 2);
    ck_assert_uint_eq(setup.fakes[2].cancels, 1);
    ck_assert_uint_eq(setup.fakes[2].polls, 1); /* not polled any more */
}
END_TEST

START_TEST(of_two_that_fail_the_lower_index_counts)
{
    struct setup setup;

    set_up(&setup, 1);
    setup.fakes[1].error = -EIO;
    setup.fakes[2].error = -ENOSPC;
    poll(&setup);
    edo_wake(setup.fakes[2].waker);
    edo_wake(setup.fakes[1].waker);
    poll(&setup);
    ck_assert_uint_eq(setup.join.decided, 1);
    ck_assert_int_eq(setup.join.future.error, -EIO);
}
END_TEST

START_TEST(who_was_done_before_the_error_stays_done)
{
    struct setup setup;

    set_up(&setup, 1);
    setup.fakes[2].error = -EIO;
    poll(&setup);
    wake_all(&setup);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(setup.join.decided, 2);
    ck_assert_int_eq(setup.fakes[0].future.state, EDO_DONE);
    ck_assert_uint_eq(setup.fakes[0].cancels, 0);
}
END_TEST

START_TEST(a_child_that_was_cancelled_has_failed)
{
    struct setup setup;

    set_up(&setup, 1);
    setup.fakes[1].error = -ECANCELED;
    setup.fakes[1].pending = 0;
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_int_eq(edo_future_error(&setup.join.future), -ECANCELED);
    ck_assert_uint_eq(setup.join.decided, 1);
}
END_TEST

/* J1 */
START_TEST(only_a_child_that_was_woken_is_polled)
{
    struct setup setup;

    set_up(&setup, 5);
    poll(&setup);
    edo_wake(setup.fakes[1].waker);
    poll(&setup);
    poll(&setup); /* for nothing */
    ck_assert_uint_eq(setup.fakes[0].polls, 1);
    ck_assert_uint_eq(setup.fakes[1].polls, 2);
    ck_assert_uint_eq(setup.fakes[2].polls, 1);
}
END_TEST

START_TEST(cancelling_it_cancels_all_its_children)
{
    struct setup setup;

    set_up(&setup, 1);
    poll(&setup);
    ck_assert_int_eq(edo_future_cancel(&setup.join.future), EDO_READY);
    for (size_t i = 0; i < CHILDREN; i++)
        ck_assert_uint_eq(setup.fakes[i].cancels, 1);
}
END_TEST

/* async fn { sleep(2 ms).await; Err(EIO) } */
struct failing {
    struct edo_future future;
    struct edo_sleep sleep;
};

static enum edo_poll failing_poll(struct edo_future *self, struct edo_context *cx)
{
    struct failing *failing = edo_container_of(self, struct failing, future);

    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &failing->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_fail(self, -EIO);
}

/* J2 */
START_TEST(it_waits_until_the_others_have_let_go)
{
    static const struct edo_future_type type = {.name = "failing", .poll = failing_poll};
    struct runtime runtime;
    struct failing failing;
    struct edo_sleep shielded, other;
    struct edo_shield shield;
    struct edo_branch array[3];
    struct edo_join join;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    edo_future_init(&failing.future, &type);
    edo_sleep_init(&failing.sleep, EDO_MS(2));
    edo_sleep_init(&shielded, EDO_MS(4));
    edo_sleep_init(&other, EDO_S(20));
    edo_shield_init(&shield, &shielded.future);
    array[0].child = &other.future;
    array[1].child = &shield.future;
    array[2].child = &failing.future;
    edo_try_join_init(&join, array, 3);
    ck_assert_int_eq(runtime_await(&runtime, &join.future).error, -EIO);
    ck_assert_uint_eq(join.decided, 2);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_int_eq(other.future.state, EDO_CANCELLED);
    ck_assert_int_eq(shielded.future.state, EDO_DONE);
    if (_i < VIRTUAL_VARIANTS)
        ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(4));
    runtime_close(&runtime);
}
END_TEST

Suite *try_join_suite(void)
{
    Suite *suite = suite_create("try_join");
    TCase *hand = tcase_create("by_hand");
    TCase *time = tcase_create("time");

    tcase_add_test(hand, of_none_it_is_done_at_once);
    tcase_add_test(hand, it_is_done_when_the_last_is);
    tcase_add_test(hand, the_first_error_cancels_the_rest_and_is_returned_with_whose_it_is);
    tcase_add_test(hand, of_two_that_fail_the_lower_index_counts);
    tcase_add_test(hand, who_was_done_before_the_error_stays_done);
    tcase_add_test(hand, a_child_that_was_cancelled_has_failed);
    tcase_add_test(hand, only_a_child_that_was_woken_is_polled);
    tcase_add_test(hand, cancelling_it_cancels_all_its_children);
    suite_add_tcase(suite, hand);

    tcase_add_loop_test(time, it_waits_until_the_others_have_let_go, 0, VARIANTS);
    suite_add_tcase(suite, time);
    return suite;
}
