/* SPDX-License-Identifier: MIT */
/* Intervals: no drift, missed ticks, reset. */
#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* Awaits one tick, and says when it was due. */
static uint64_t next_tick(struct runtime *runtime, struct edo_interval *interval)
{
    struct edo_outcome outcome;

    if (edo_future_has_ended(&interval->future))
        edo_interval_next(interval);
    outcome = runtime_await(runtime, &interval->future);
    ck_assert_int_eq(outcome.kind, EDO_OUTCOME_OK);
    ck_assert_uint_ge(runtime_now(runtime), *(uint64_t *)outcome.value);
    return *(uint64_t *)outcome.value;
}

/* Work that takes so long, and does not let the loop go on meanwhile. */
static void stall(struct runtime *runtime, uint64_t duration_ns)
{
    edo_clock_advance(&runtime->executor.reactor.clock, runtime_now(runtime) + duration_ns);
}

START_TEST(ticks_come_at_the_start_and_then_every_period)
{
    struct runtime runtime;
    struct edo_interval interval;
    uint64_t start_ns;

    runtime_open(&runtime, _i);
    edo_interval_init(&interval, EDO_US(500), EDO_MISSED_BURST);
    start_ns = next_tick(&runtime, &interval);
    for (unsigned k = 1; k <= 4; k++)
        ck_assert_uint_eq(next_tick(&runtime, &interval), start_ns + k * EDO_US(500));
    runtime_close(&runtime);
}
END_TEST

START_TEST(the_first_tick_comes_at_the_start_that_was_said)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, _i);
    edo_interval_at_init(&interval, EDO_MS(7), EDO_MS(10), EDO_MISSED_BURST);
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(7));
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(7));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(17));
    runtime_close(&runtime);
}
END_TEST

/* T8: each round works for a while, and the ticks stay where they are. */
START_TEST(over_ten_thousand_ticks_there_is_no_drift)
{
    struct runtime runtime;
    struct edo_interval interval;
    const enum edo_missed policies[] = {EDO_MISSED_BURST, EDO_MISSED_DELAY, EDO_MISSED_SKIP};

    runtime_open(&runtime, WHEEL_VIRTUAL);
    edo_interval_at_init(&interval, 0, EDO_MS(10), policies[_i]);
    for (unsigned k = 0; k < 10000; k++) {
        ck_assert_uint_eq(next_tick(&runtime, &interval), k * EDO_MS(10));
        stall(&runtime, EDO_MS(3) + k);
    }
    runtime_close(&runtime);
}
END_TEST

/* The table of interval.h: when the ticks are seen, if the work takes 25 after the first. */
static void check_seen(enum edo_missed missed, const unsigned *seen_ms, size_t count)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_interval_init(&interval, EDO_MS(10), missed);
    for (size_t k = 0; k < count; k++) {
        next_tick(&runtime, &interval);
        ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(seen_ms[k]));
        if (k == 0)
            stall(&runtime, EDO_MS(25));
    }
    runtime_close(&runtime);
}

/* T9, K6 */
START_TEST(missed_ticks_follow_the_policy)
{
    static const unsigned burst[] = {0, 25, 25, 30, 40}, delay[] = {0, 25, 35, 45},
                          skip[] = {0, 25, 30, 40};

    check_seen(EDO_MISSED_BURST, burst, 5);
    check_seen(EDO_MISSED_DELAY, delay, 4);
    check_seen(EDO_MISSED_SKIP, skip, 4);
}
END_TEST

/* T9: late by exactly so many periods; the tick that is due just now is not announced twice. */
START_TEST(skip_never_gives_two_ticks_at_once)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_interval_init(&interval, EDO_MS(10), EDO_MISSED_SKIP);
    ck_assert_uint_eq(next_tick(&runtime, &interval), 0);
    stall(&runtime, EDO_MS(30));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(10)); /* seen at 30 */
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(40));
    runtime_close(&runtime);
}
END_TEST

START_TEST(delay_does_not_count_a_little_lateness)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_interval_init(&interval, EDO_MS(10), EDO_MISSED_DELAY);
    next_tick(&runtime, &interval);
    stall(&runtime, EDO_MS(15) - 1);
    next_tick(&runtime, &interval);
    ck_assert_uint_eq(interval.next_ns, EDO_MS(20));
    stall(&runtime, EDO_MS(10) + 1); /* 25: 5 late */
    next_tick(&runtime, &interval);
    ck_assert_uint_eq(interval.next_ns, EDO_MS(30));

    stall(&runtime, EDO_MS(10) + 1); /* 5 late and a ns */
    next_tick(&runtime, &interval);
    ck_assert_uint_eq(interval.next_ns, runtime_now(&runtime) + EDO_MS(10));
    runtime_close(&runtime);
}
END_TEST

/* T10, D9: at each state; who awaits a tick goes on, and waits for the new one. */
START_TEST(reset_starts_anew_from_the_call)
{
    struct runtime runtime;
    struct edo_interval interval;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_interval_init(&interval, EDO_MS(10), EDO_MISSED_BURST);
    edo_interval_reset(&interval); /* before its first poll */
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(10));
    edo_interval_reset(&interval); /* after a tick */
    ck_assert_int_eq(interval.future.state, EDO_START);
    edo_interval_next(&interval); /* which it is already */
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(20));

    edo_interval_next(&interval);
    edo_task_init(&task, "ticks", &interval.future);
    edo_executor_spawn(&runtime.executor, &task);
    runtime_run_for(&runtime, EDO_MS(4));
    edo_interval_reset(&interval); /* while it is awaited */
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(34));
    ck_assert_uint_eq(interval.due_ns, EDO_MS(34));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(44));
    runtime_close(&runtime);
}
END_TEST

START_TEST(reset_may_say_when_the_next_tick_is_due)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, _i);
    edo_interval_init(&interval, EDO_MS(10), EDO_MISSED_BURST);
    next_tick(&runtime, &interval);
    edo_interval_reset_at(&interval, EDO_MS(3));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(3));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(13));
    edo_interval_reset_after(&interval, EDO_MS(2));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(15));
    edo_interval_reset_after(&interval, 0);
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(15));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(25));
    edo_interval_reset_at(&interval, EDO_MS(26));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(26));
    runtime_close(&runtime);
}
END_TEST

/* Where its clock is not known yet, a duration counts from there. */
START_TEST(reset_before_the_first_poll_says_when_that_tick_is_due)
{
    struct runtime runtime;
    struct edo_interval at, after;

    runtime_open(&runtime, _i);
    runtime_run_for(&runtime, EDO_MS(1));
    edo_interval_init(&at, EDO_MS(10), EDO_MISSED_BURST);
    edo_interval_reset_at(&at, EDO_MS(4));
    ck_assert_uint_eq(next_tick(&runtime, &at), EDO_MS(4));
    edo_interval_init(&after, EDO_MS(10), EDO_MISSED_BURST);
    edo_interval_reset_at(&after, EDO_MS(2));
    edo_interval_reset_after(&after, EDO_MS(3));
    ck_assert_uint_eq(next_tick(&runtime, &after), EDO_MS(7));
    runtime_close(&runtime);
}
END_TEST

/* T10: the timer has fired, but the tick was not polled yet. */
START_TEST(reset_after_the_timer_fired_waits_for_a_whole_period)
{
    struct runtime runtime;
    struct edo_interval interval;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_interval_at_init(&interval, EDO_MS(5), EDO_MS(10), EDO_MISSED_BURST);
    edo_task_init(&task, "ticks", &interval.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    edo_reactor_react(&runtime.executor.reactor, EDO_WAIT);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    edo_interval_reset(&interval);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_eq(interval.due_ns, EDO_MS(15));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_tick_holds_nothing_and_can_be_awaited_again)
{
    struct runtime runtime;
    struct edo_interval interval;
    struct edo_task task;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    edo_interval_at_init(&interval, EDO_MS(5), EDO_MS(10), EDO_MISSED_BURST);
    edo_task_init(&task, "ticks", &interval.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(5));
    runtime_close(&runtime);
}
END_TEST

/* K7: the tick fails, and can be awaited again. */
START_TEST(a_tick_without_a_timer_fails_and_can_be_awaited_again)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_interval_at_init(&interval, EDO_MS(5), EDO_MS(10), EDO_MISSED_BURST);
    wrap_begin(CALL_TIMERFD_CREATE, 1, 1, EMFILE);
    ck_assert_int_eq(runtime_await(&runtime, &interval.future).error, -EMFILE);
    wrap_end();
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(5));
    ck_assert_uint_eq(next_tick(&runtime, &interval), EDO_MS(15));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_period_of_nothing_is_an_error_and_one_of_for_ever_is_not)
{
    struct runtime runtime;
    struct edo_interval interval;

    runtime_open(&runtime, _i);
    edo_interval_init(&interval, 0, EDO_MISSED_SKIP);
    ck_assert_int_eq(runtime_await(&runtime, &interval.future).error, -EINVAL);
    edo_interval_init(&interval, EDO_NEVER, EDO_MISSED_SKIP);
    next_tick(&runtime, &interval);
    ck_assert_uint_eq(interval.next_ns, EDO_NEVER);
    runtime_close(&runtime);
}
END_TEST

Suite *interval_suite(void)
{
    Suite *suite = suite_create("interval");
    TCase *ticks = tcase_create("ticks");
    TCase *missed = tcase_create("missed");
    TCase *reset = tcase_create("reset");

    tcase_add_loop_test(ticks, ticks_come_at_the_start_and_then_every_period, 0, VARIANTS);
    tcase_add_loop_test(ticks, the_first_tick_comes_at_the_start_that_was_said, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(ticks, over_ten_thousand_ticks_there_is_no_drift, 0, 3);
    tcase_add_loop_test(ticks, a_period_of_nothing_is_an_error_and_one_of_for_ever_is_not, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(ticks, a_tick_without_a_timer_fails_and_can_be_awaited_again);
    suite_add_tcase(suite, ticks);

    tcase_add_test(missed, missed_ticks_follow_the_policy);
    tcase_add_test(missed, skip_never_gives_two_ticks_at_once);
    tcase_add_test(missed, delay_does_not_count_a_little_lateness);
    suite_add_tcase(suite, missed);

    tcase_add_loop_test(reset, reset_starts_anew_from_the_call, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_may_say_when_the_next_tick_is_due, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_before_the_first_poll_says_when_that_tick_is_due, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_after_the_timer_fired_waits_for_a_whole_period, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, a_cancelled_tick_holds_nothing_and_can_be_awaited_again, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, reset);
    return suite;
}
