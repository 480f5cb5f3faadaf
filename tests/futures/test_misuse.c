/* SPDX-License-Identifier: MIT */
/* What the asserts of reactor/ forbid. With asserts each of these tests has to abort; without them
 * (make check-release) it goes on, and what it demands is the defined and harmless end (FB4).
 *
 * Three asserts have no test here, since no program can break them: edo_executor_spawn refuses what
 * edo_task_start forbids, only the executor calls edo_task_poll, and only a timer driver calls
 * edo_reactor_make_due. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "helper.h"
#include "suites.h"

/* Where assert would write. */
static void quieten(void)
{
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
}

/* --- Futures and tasks ------------------------------------------------------------------------ */

START_TEST(polling_after_the_end_says_ready_and_does_not_poll)
{
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 0);
    edo_future_poll(&fake.future, &cx);
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_READY);
    ck_assert_uint_eq(fake.polls, 1);
}
END_TEST

START_TEST(the_outcome_before_the_end_is_cancelled)
{
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 1);
    ck_assert_int_eq(edo_future_outcome(&fake.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_outcome(&fake.future).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

/* A fake can't fail with 0. The others are what 16 bits would make 0, -ECANCELED and a value. */
START_TEST(an_error_that_is_none_fails_as_an_invalid_argument)
{
    static const int errors[] = {EPIPE,         INT_MAX, -65536, -65536 - ECANCELED,
                                 INT16_MIN - 1, INT_MIN};
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 0);
    fake.error = errors[_i];
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_outcome(&fake.future).kind, EDO_OUTCOME_FAILED);
    ck_assert_int_eq(edo_future_error(&fake.future), -EINVAL);
}
END_TEST

static struct edo_waker liar_waker; /* that of the last poll */

static enum edo_poll liar_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)self;
    liar_waker = cx->waker;
    return EDO_READY; /* without edo_future_done or edo_future_fail */
}

static enum edo_poll stayer_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)self;
    (void)cx;
    return EDO_PENDING; /* without edo_future_goto */
}

START_TEST(pending_without_an_await_is_cancelled_as_if_it_held_nothing)
{
    static const struct edo_future_type stayer_type = {.name = "stayer", .poll = stayer_poll};
    struct edo_context cx = {0};
    struct edo_future stayer;

    edo_future_init(&stayer, &stayer_type);
    ck_assert_int_eq(edo_future_poll(&stayer, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&stayer), EDO_READY);
    ck_assert_int_eq(edo_future_outcome(&stayer).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

static const struct edo_future_type liar_type = {.name = "liar", .poll = liar_poll};

START_TEST(ready_without_an_end_ends_the_task_as_cancelled)
{
    struct runtime runtime;
    struct edo_future liar;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_future_init(&liar, &liar_type);
    ck_assert_int_eq(runtime_await(&runtime, &liar).kind, EDO_OUTCOME_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* However often it says so: it is not counted twice, for it and for the child that goes on. */
START_TEST(a_join_does_not_take_ready_without_an_end_for_an_end)
{
    struct edo_context cx = {0};
    struct edo_future liar;
    struct fake fake;
    struct edo_branch array[] = {{.child = &liar}, {.child = &fake.future}};
    struct edo_join join;

    edo_future_init(&liar, &liar_type);
    fake_init(&fake, 1);
    edo_join_init(&join, array, 2);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_PENDING);
    edo_wake(liar_waker);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_PENDING);
    ck_assert(!edo_future_has_ended(&fake.future));
    ck_assert_int_eq(edo_future_cancel(&join.future), EDO_READY);
}
END_TEST

static enum edo_poll cling_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll cling_cancel(struct edo_future *self)
{
    (void)self;
    return EDO_PENDING;
}

START_TEST(closing_ends_a_task_whose_future_will_not_be_cancelled)
{
    static const struct edo_future_type cling = {
        .name = "cling", .poll = cling_poll, .cancel = cling_cancel};
    struct counter joiner = {0};
    struct runtime runtime;
    struct edo_future future;
    struct edo_task task;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_future_init(&future, &cling);
    edo_task_init(&task, "cling", &future);
    task.joiner = counting(&joiner);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    runtime_close(&runtime);
    ck_assert(!edo_task_is_live(&task));
    ck_assert_uint_eq(joiner.wakes, 1);
    ck_assert_int_eq(edo_future_outcome(&future).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

/* --- Futures of others ------------------------------------------------------------------------ */

enum { RUNNERS = 3 };

struct setup {
    struct edo_join race;
    struct edo_branch array[RUNNERS];
    struct fake fakes[RUNNERS];
    struct edo_context cx;
};

/* A race of fakes that are PENDING once, polled by hand. */
static void set_up(struct setup *setup, size_t first)
{
    *setup = (struct setup){0};
    for (size_t i = 0; i < RUNNERS; i++) {
        fake_init(&setup->fakes[i], 1);
        setup->array[i].child = &setup->fakes[i].future;
    }
    edo_race_init(&setup->race, setup->array, RUNNERS, first);
}

/* Also where counting on from it would wrap round and come to one child twice. */
START_TEST(a_race_that_begins_past_its_last_child_begins_with_the_first)
{
    static const size_t firsts[] = {RUNNERS, SIZE_MAX};
    struct setup setup;

    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        set_up(&setup, firsts[i]);
        ck_assert_int_eq(edo_future_poll(&setup.race.future, &setup.cx), EDO_PENDING);
        for (size_t child = 0; child < RUNNERS; child++) {
            ck_assert_uint_eq(setup.fakes[child].polls, 1);
            edo_wake(setup.fakes[RUNNERS - 1 - child].waker);
        }
        ck_assert_int_eq(edo_future_poll(&setup.race.future, &setup.cx), EDO_READY);
        ck_assert_uint_eq(setup.race.decided, 0);
        ck_assert_uint_eq(setup.fakes[1].cancels, 1);
    }
}
END_TEST

/* D13 */
START_TEST(a_loser_that_was_not_initialised_anew_ends_its_race_as_cancelled)
{
    struct setup setup;

    set_up(&setup, 0);
    edo_future_cancel(&setup.fakes[1].future);
    ck_assert_int_eq(edo_future_poll(&setup.race.future, &setup.cx), EDO_READY);
    ck_assert_uint_eq(setup.race.decided, 1);
    ck_assert_int_eq(edo_future_outcome(&setup.race.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_uint_eq(setup.fakes[0].cancels, 1);
    ck_assert_uint_eq(setup.fakes[2].polls, 0);
}
END_TEST

START_TEST(in_a_channel_without_room_a_send_waits_until_it_is_closed)
{
    struct edo_context cx = {0};
    struct edo_channel channel;
    struct edo_send send;
    struct edo_receive receive;
    int message = 1;

    edo_channel_init(&channel, NULL, sizeof message, 0);
    edo_send_init(&send, &channel, &message);
    edo_receive_init(&receive, &channel, &message);
    ck_assert_int_eq(edo_future_poll(&send.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&receive.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&send.future, &cx), EDO_PENDING);
    edo_channel_close(&channel);
    ck_assert_int_eq(edo_future_poll(&send.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&receive.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&send.future), -EPIPE);
    ck_assert_int_eq(edo_future_error(&receive.future), -EPIPE);
}
END_TEST

START_TEST(a_tick_that_has_not_ended_is_not_made_the_next_one)
{
    struct runtime runtime;
    struct edo_interval interval;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_interval_at_init(&interval, EDO_MS(5), EDO_MS(10), EDO_MISSED_BURST);
    edo_interval_next(&interval); /* before the first poll */
    edo_task_init(&task, "ticks", &interval.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    edo_interval_next(
        &interval); /* while its timer is armed, which the next poll must leave alone */
    edo_wake(edo_task_waker(&task));
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 1);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_eq(interval.due_ns, EDO_MS(5));
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime);
}
END_TEST

/* With CK_FORK=no an abort would end all tests. */
Suite *misuse_suite(void)
{
    Suite *suite = suite_create("misuse");
    TCase *misuse = tcase_create("misuse");
    const char *fork_mode = getenv("CK_FORK");
#ifdef NDEBUG
    const int signal = 0;
#else
    const int signal = SIGABRT;
#endif

    suite_add_tcase(suite, misuse);
    tcase_add_checked_fixture(misuse, quieten, NULL);
    if (signal != 0 && fork_mode != NULL && strcmp(fork_mode, "no") == 0)
        return suite;
    tcase_add_test_raise_signal(misuse, polling_after_the_end_says_ready_and_does_not_poll, signal);
    tcase_add_test_raise_signal(misuse, pending_without_an_await_is_cancelled_as_if_it_held_nothing,
                                signal);
    tcase_add_test_raise_signal(misuse, ready_without_an_end_ends_the_task_as_cancelled, signal);
    tcase_add_test_raise_signal(misuse, a_join_does_not_take_ready_without_an_end_for_an_end,
                                signal);
    tcase_add_loop_test_raise_signal(misuse, an_error_that_is_none_fails_as_an_invalid_argument,
                                     signal, 0, 6);
    tcase_add_test_raise_signal(misuse, the_outcome_before_the_end_is_cancelled, signal);
    tcase_add_test_raise_signal(misuse, closing_ends_a_task_whose_future_will_not_be_cancelled,
                                signal);
    tcase_add_test_raise_signal(
        misuse, a_race_that_begins_past_its_last_child_begins_with_the_first, signal);
    tcase_add_test_raise_signal(
        misuse, a_loser_that_was_not_initialised_anew_ends_its_race_as_cancelled, signal);
    tcase_add_test_raise_signal(misuse, in_a_channel_without_room_a_send_waits_until_it_is_closed,
                                signal);
    tcase_add_loop_test_raise_signal(misuse, a_tick_that_has_not_ended_is_not_made_the_next_one,
                                     signal, 0, VIRTUAL_VARIANTS);
    return suite;
}
