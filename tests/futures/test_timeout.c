/* SPDX-License-Identifier: MIT */
/* Timeouts: which of the two it was, and that nothing is left of the other. */
#include "helper.h"
#include "suites.h"
#include "wrap.h"

START_TEST(a_child_that_makes_it_is_the_result)
{
    struct runtime runtime;
    struct fake fake;
    struct edo_timeout timeout;
    struct edo_outcome outcome;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    fake_init(&fake, 1);
    fake.wakes_itself = true;
    edo_timeout_init(&timeout, &fake.future, EDO_S(10));
    outcome = runtime_await(&runtime, &timeout.future);
    ck_assert_int_eq(outcome.kind, EDO_OUTCOME_OK);
    ck_assert_ptr_eq(outcome.value, &fake);
    ck_assert(!edo_timeout_has_expired(&timeout));
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_child_s_own_etimedout_is_told_from_the_deadline_s)
{
    struct runtime runtime;
    struct fake fake;
    struct edo_timeout timeout;

    runtime_open(&runtime, _i);
    fake_init(&fake, 0);
    fake.error = -ETIMEDOUT;
    edo_timeout_init(&timeout, &fake.future, EDO_S(10));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).error, -ETIMEDOUT);
    ck_assert(!edo_timeout_has_expired(&timeout));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_child_that_had_ended_before_is_the_result)
{
    struct edo_context cx = {0};
    struct fake fake;
    struct edo_timeout timeout;

    fake_init(&fake, 0);
    edo_future_poll(&fake.future, &cx);
    edo_timeout_init(&timeout, &fake.future, EDO_S(10));
    ck_assert_int_eq(edo_future_poll(&timeout.future, &cx), EDO_READY);
    ck_assert_ptr_eq(edo_future_outcome(&timeout.future).value, &fake);
    ck_assert_uint_eq(fake.polls, 1);
}
END_TEST

/* J6 */
START_TEST(when_time_is_up_the_child_has_let_go_of_all_it_held)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    uint64_t began_ns;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    began_ns = runtime_now(&runtime);
    edo_sleep_init(&sleep, EDO_S(10));
    edo_timeout_init(&timeout, &sleep.future, EDO_MS(2));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).error, -ETIMEDOUT);
    ck_assert(edo_timeout_has_expired(&timeout));
    ck_assert_uint_ge(runtime_now(&runtime), began_ns + EDO_MS(2));
    ck_assert_int_eq(sleep.future.state, EDO_CANCELLED);
    ck_assert_int_eq(count_fds(), fds);
    runtime_close(&runtime);
}
END_TEST

/* K7: the child's timer is the first, its own the second. */
START_TEST(without_a_timer_for_its_deadline_it_fails_and_the_child_is_let_go_of)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    struct edo_outcome outcome;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    edo_sleep_init(&sleep, EDO_S(10));
    edo_timeout_init(&timeout, &sleep.future, EDO_S(10));
    wrap_begin(CALL_TIMERFD_CREATE, 2, 1, EMFILE);
    outcome = runtime_await(&runtime, &timeout.future);
    wrap_end();
    ck_assert_int_eq(outcome.error, -EMFILE);
    ck_assert(edo_timeout_has_expired(&timeout));
    ck_assert_int_eq(sleep.future.state, EDO_CANCELLED);
    ck_assert_int_eq(count_fds(), fds);
    runtime_close(&runtime);
}
END_TEST

START_TEST(being_polled_for_nothing_it_goes_on_waiting_for_what_a_shield_holds)
{
    struct counter counter = {0};
    struct runtime runtime;
    struct fake fake;
    struct edo_shield shield;
    struct edo_timeout timeout;
    struct edo_context cx;

    runtime_open(&runtime, _i);
    cx = (struct edo_context){counting(&counter), &runtime.executor.reactor, NULL};
    fake_init(&fake, 3);
    edo_shield_init(&shield, &fake.future);
    edo_timeout_init(&timeout, &shield.future, EDO_MS(1));
    ck_assert_int_eq(edo_future_poll(&timeout.future, &cx), EDO_PENDING);
    runtime_run_for(&runtime, EDO_MS(2));
    ck_assert_int_eq(edo_future_poll(&timeout.future, &cx), EDO_PENDING); /* time is up */
    ck_assert_int_eq(edo_future_poll(&timeout.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&timeout.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&timeout.future), -ETIMEDOUT);
    ck_assert_int_eq(fake.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* J6 */
START_TEST(a_child_that_a_shield_holds_is_waited_for)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_shield shield;
    struct edo_timeout timeout;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(3));
    edo_shield_init(&shield, &sleep.future);
    edo_timeout_init(&timeout, &shield.future, EDO_MS(1));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).error, -ETIMEDOUT);
    ck_assert(edo_timeout_has_expired(&timeout));
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(3));
    ck_assert_int_eq(sleep.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* Also when its deadline is the later of the two: the loop was held up, and finds both behind it.
 */
START_TEST(if_both_have_come_in_one_turn_the_child_s_value_wins)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(2));
    edo_timeout_init(&timeout, &sleep.future, EDO_MS(1));
    edo_task_init(&task, "task", &timeout.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(5));
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq(timeout.future.state, EDO_DONE);
    ck_assert(!edo_timeout_has_expired(&timeout));
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(for_equal_times_the_child_s_value_wins)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;

    runtime_open(&runtime, _i);
    edo_sleep_until_init(&sleep, runtime_now(&runtime) + EDO_MS(2));
    edo_timeout_until_init(&timeout, &sleep.future, runtime_now(&runtime) + EDO_MS(2));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).kind, EDO_OUTCOME_OK);
    runtime_close(&runtime);
}
END_TEST

/* J5: on the real clock, which goes on while the child never waits. */
START_TEST(a_busy_child_does_not_starve_its_timeout)
{
    struct runtime runtime;
    struct fake busy;
    struct edo_timeout timeout;

    runtime_open(&runtime, VIRTUAL_VARIANTS + _i);
    fake_init(&busy, UINT32_MAX - 1);
    busy.wakes_itself = true;
    edo_timeout_init(&timeout, &busy.future, EDO_MS(2));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).error, -ETIMEDOUT);
    ck_assert_uint_eq(busy.cancels, 1);
    runtime_close(&runtime);
}
END_TEST

/* A timeout made anew in each round never comes; one until a fixed deadline does. */
START_TEST(in_a_loop_a_fixed_deadline_holds_for_all_rounds)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    int rounds = 0;

    runtime_open(&runtime, _i);
    do {
        edo_sleep_init(&sleep, EDO_MS(3));
        edo_timeout_until_init(&timeout, &sleep.future, EDO_MS(10));
        rounds++;
    } while (runtime_await(&runtime, &timeout.future).kind == EDO_OUTCOME_OK);
    ck_assert_int_eq(rounds, 4);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    runtime_close(&runtime);
}
END_TEST

START_TEST(cancelling_it_cancels_the_child_and_the_timer)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    struct edo_task task;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    edo_sleep_init(&sleep, EDO_S(10));
    edo_timeout_init(&timeout, &sleep.future, EDO_S(10));
    edo_task_init(&task, "task", &timeout.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 2);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    ck_assert_int_eq(count_fds(), fds);
    runtime_close(&runtime);
}
END_TEST

/* It is cancelled while it waits for a shield to let go. */
START_TEST(cancelling_it_after_its_deadline_is_cancelling_it)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_shield shield;
    struct edo_timeout timeout;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(3));
    edo_shield_init(&shield, &sleep.future);
    edo_timeout_init(&timeout, &shield.future, EDO_MS(1));
    edo_task_init(&task, "task", &timeout.future);
    edo_executor_spawn(&runtime.executor, &task);
    runtime_run_for(&runtime, EDO_MS(2));
    ck_assert_int_eq(edo_task_cancel(&task), EDO_PENDING);
    edo_executor_run(&runtime.executor);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(3));
    ck_assert_int_eq(timeout.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

Suite *timeout_suite(void)
{
    Suite *suite = suite_create("timeout");
    TCase *which = tcase_create("which");
    TCase *cancel = tcase_create("cancel");

    tcase_add_loop_test(which, a_child_that_makes_it_is_the_result, 0, VARIANTS);
    tcase_add_loop_test(which, a_child_s_own_etimedout_is_told_from_the_deadline_s, 0, VARIANTS);
    tcase_add_test(which, a_child_that_had_ended_before_is_the_result);
    tcase_add_loop_test(which, when_time_is_up_the_child_has_let_go_of_all_it_held, 0, VARIANTS);
    tcase_add_loop_test(which, being_polled_for_nothing_it_goes_on_waiting_for_what_a_shield_holds,
                        0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(which, a_child_that_a_shield_holds_is_waited_for, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(which, without_a_timer_for_its_deadline_it_fails_and_the_child_is_let_go_of,
                        FD_VIRTUAL, FD_VIRTUAL + 1);
    tcase_add_loop_test(which, if_both_have_come_in_one_turn_the_child_s_value_wins, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(which, for_equal_times_the_child_s_value_wins, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(which, a_busy_child_does_not_starve_its_timeout, 0,
                        VARIANTS - VIRTUAL_VARIANTS);
    tcase_add_loop_test(which, in_a_loop_a_fixed_deadline_holds_for_all_rounds, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, which);

    tcase_add_loop_test(cancel, cancelling_it_cancels_the_child_and_the_timer, 0, VARIANTS);
    tcase_add_loop_test(cancel, cancelling_it_after_its_deadline_is_cancelling_it, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, cancel);
    return suite;
}
