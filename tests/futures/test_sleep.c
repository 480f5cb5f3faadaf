/* SPDX-License-Identifier: MIT */
/* The sleep future, by itself on a reactor and under the executor. */
#include <string.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "suites.h"

/* Runs one sleep to its end as a task. */
static struct edo_outcome run(struct runtime *runtime, struct edo_sleep *sleep)
{
    struct edo_task task;

    edo_task_init(&task, "sleeper", &sleep->future);
    ck_assert_int_eq(edo_executor_block_on(&runtime->executor, &task), 0);
    return edo_future_outcome(&sleep->future);
}

START_TEST(a_sleep_is_ready_when_its_duration_has_passed)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    uint64_t began_ns;

    runtime_open(&runtime, _i);
    began_ns = runtime_now(&runtime);
    edo_sleep_init(&sleep, EDO_MS(3));
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    ck_assert_uint_ge(runtime_now(&runtime), began_ns + EDO_MS(3));
    if (_i < VIRTUAL_VARIANTS)
        ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(3));
    runtime_close(&runtime);
}
END_TEST

START_TEST(an_initialised_sleep_knows_nothing_of_what_its_struct_held)
{
    struct runtime runtime;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    memset(&sleep, 1, sizeof sleep); /* so it seems to be armed */
    edo_sleep_init(&sleep, EDO_US(1));
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_sleep_until_is_ready_at_its_deadline)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    uint64_t deadline_ns;

    runtime_open(&runtime, _i);
    deadline_ns = runtime_now(&runtime) + EDO_MS(2);
    edo_sleep_until_init(&sleep, deadline_ns);
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    ck_assert_uint_ge(runtime_now(&runtime), deadline_ns);
    runtime_close(&runtime);
}
END_TEST

/* K1, T3 */
START_TEST(a_sleep_of_nothing_and_one_until_the_past_are_ready_in_the_next_turn)
{
    struct runtime runtime;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, 0);
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    edo_sleep_until_init(&sleep, 0);
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    edo_sleep_until_init(&sleep, runtime_now(&runtime));
    ck_assert_int_eq(run(&runtime, &sleep).kind, EDO_OUTCOME_OK);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_duration_counts_from_the_first_poll)
{
    struct runtime runtime;
    struct edo_sleep first, second;

    runtime_open(&runtime, _i);
    edo_sleep_init(&first, EDO_MS(10));
    edo_sleep_init(&second, EDO_MS(5));
    run(&runtime, &first);
    run(&runtime, &second);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(15));
    runtime_close(&runtime);
}
END_TEST

/* K3 */
START_TEST(a_sleep_of_never_can_be_cancelled)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_context cx = {0};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    edo_sleep_init(&sleep, EDO_NEVER);
    ck_assert_int_eq(edo_future_poll(&sleep.future, &cx), EDO_PENDING);
    edo_future_cancel(&sleep.future);
    ck_assert_int_eq(sleep.timer.state, EDO_SOURCE_IDLE);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime);
}
END_TEST

/* J8: a poll by somebody else takes the wake over. */
START_TEST(the_waker_of_the_latest_poll_is_called)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct counter first = {0}, second = {0};
    struct edo_context cx = {0};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    edo_sleep_init(&sleep, EDO_MS(1));
    cx.waker = counting(&first);
    edo_future_poll(&sleep.future, &cx);
    cx.waker = counting(&second);
    edo_future_poll(&sleep.future, &cx);
    edo_reactor_react(cx.reactor, EDO_WAIT);
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(second.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&sleep.future, &cx), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

START_TEST(cancelled_after_it_fired_but_before_its_poll_it_ends_cancelled)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_context cx = {0};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    edo_sleep_init(&sleep, EDO_MS(1));
    edo_future_poll(&sleep.future, &cx);
    edo_reactor_react(cx.reactor, EDO_WAIT);
    edo_future_cancel(&sleep.future);
    ck_assert_int_eq(edo_future_outcome(&sleep.future).kind, EDO_OUTCOME_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_timer_disarmed_behind_its_back_fails_the_sleep_and_is_not_its_end)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_context cx = {0};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    edo_sleep_init(&sleep, EDO_S(60));
    edo_future_poll(&sleep.future, &cx);
    edo_source_disarm(&sleep.timer);
    ck_assert_int_eq(edo_future_poll(&sleep.future, &cx), EDO_READY);
    ck_assert_int_eq(sleep.future.error, -ECANCELED);
    runtime_close(&runtime);
}
END_TEST

/* --- T10: reset, in each state, to the future and to the past --------------------------------- */

/* A sleep on the virtual clock with a counter for its waker. */
struct resettable {
    struct runtime runtime;
    struct edo_sleep sleep;
    struct counter counter;
    struct edo_context cx;
};

static void resettable_open(struct resettable *r, int variant)
{
    runtime_open(&r->runtime, variant);
    r->counter = (struct counter){0};
    r->cx = (struct edo_context){.waker = counting(&r->counter),
                                 .reactor = &r->runtime.executor.reactor};
    edo_sleep_init(&r->sleep, EDO_MS(10));
}

static void check_ready_at(struct resettable *r, uint64_t time_ns)
{
    ck_assert_int_eq(edo_future_poll(&r->sleep.future, &r->cx), EDO_PENDING);
    edo_reactor_react(r->cx.reactor, EDO_WAIT);
    ck_assert_int_eq(edo_future_poll(&r->sleep.future, &r->cx), EDO_READY);
    ck_assert_uint_eq(runtime_now(&r->runtime), time_ns);
    ck_assert_uint_eq(r->runtime.executor.reactor.pending, 0);
    runtime_close(&r->runtime);
}

START_TEST(reset_before_the_first_poll_only_changes_the_time)
{
    struct resettable r;

    resettable_open(&r, _i);
    edo_sleep_reset(&r.sleep, EDO_MS(20));
    ck_assert_uint_eq(r.counter.wakes, 0);
    check_ready_at(&r, EDO_MS(20));

    resettable_open(&r, _i);
    edo_sleep_reset_until(&r.sleep, EDO_MS(15));
    check_ready_at(&r, EDO_MS(15));
}
END_TEST

START_TEST(reset_while_armed_sleeps_anew_and_wakes_nobody)
{
    struct resettable r;

    resettable_open(&r, _i);
    edo_future_poll(&r.sleep.future, &r.cx);
    edo_sleep_reset(&r.sleep, EDO_MS(20));
    ck_assert_uint_eq(r.counter.wakes, 0);
    check_ready_at(&r, EDO_MS(20));
}
END_TEST

START_TEST(reset_after_it_fired_but_before_its_poll_sleeps_anew)
{
    struct resettable r;

    resettable_open(&r, _i);
    edo_future_poll(&r.sleep.future, &r.cx);
    edo_reactor_react(r.cx.reactor, EDO_WAIT);
    edo_sleep_reset_until(&r.sleep, EDO_MS(25));
    ck_assert_uint_eq(r.counter.wakes, 1);
    check_ready_at(&r, EDO_MS(25));
}
END_TEST

START_TEST(reset_after_it_was_ready_sleeps_anew)
{
    struct resettable r;

    resettable_open(&r, _i);
    edo_future_poll(&r.sleep.future, &r.cx);
    edo_reactor_react(r.cx.reactor, EDO_WAIT);
    edo_future_poll(&r.sleep.future, &r.cx);
    edo_sleep_reset(&r.sleep, EDO_MS(5));
    ck_assert_uint_eq(r.counter.wakes, 1); /* it was not awaited any more */
    check_ready_at(&r, EDO_MS(15));
}
END_TEST

/* D9: back to the start is a step like any other, and seen where all steps are. */
START_TEST(reset_after_the_end_is_a_step_that_is_recorded)
{
    struct edo_trace_event events[32];
    struct edo_trace trace;
    struct runtime runtime;
    struct edo_sleep sleep;
    size_t steps = 0;

    edo_trace_init(&trace, events, 32);
    runtime_open_traced(&runtime, _i, &trace);
    edo_sleep_init(&sleep, EDO_MS(1));
    runtime_await(&runtime, &sleep.future);
    edo_trace_of_thread = &trace;
    edo_sleep_reset(&sleep, EDO_MS(1));
    edo_trace_of_thread = NULL;
    for (size_t i = 0; i < edo_trace_count(&trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&trace, i);

        steps += event->kind == EDO_TRACE_STATE && strcmp(event->from, "EDO_DONE") == 0 &&
                 strcmp(event->to, "EDO_START") == 0;
    }
    ck_assert_uint_eq(steps, 1);
    runtime_close(&runtime);
}
END_TEST

START_TEST(reset_to_the_past_is_ready_in_the_next_turn)
{
    struct resettable r;

    resettable_open(&r, _i);
    edo_future_poll(&r.sleep.future, &r.cx);
    edo_sleep_reset_until(&r.sleep, 0);
    ck_assert_uint_eq(r.counter.wakes, 0);
    check_ready_at(&r, 0);
}
END_TEST

START_TEST(reset_wakes_the_task_that_awaits_it)
{
    struct runtime runtime;
    struct edo_sleep sleep, other;
    struct edo_task sleeper, meddler;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_S(3600));
    edo_sleep_init(&other, EDO_MS(1));
    edo_task_init(&sleeper, "sleeper", &sleep.future);
    edo_task_init(&meddler, "meddler", &other.future);
    edo_executor_spawn(&runtime.executor, &sleeper);
    edo_executor_block_on(&runtime.executor, &meddler);
    edo_sleep_reset(&sleep, EDO_MS(1));
    edo_executor_block_on(&runtime.executor, &sleeper);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(2));
    runtime_close(&runtime);
}
END_TEST

/* T10: and after its end, when it is at its start again. */
START_TEST(a_sleep_that_does_not_wait_takes_its_new_deadline_to_its_next_poll)
{
    struct runtime runtime;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(60));
    edo_sleep_reset_until(&sleep, EDO_MS(5));
    runtime_await(&runtime, &sleep.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    edo_sleep_reset_until(&sleep, EDO_MS(8));
    runtime_await(&runtime, &sleep.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(8));
    edo_sleep_reset(&sleep, EDO_MS(2));
    runtime_await(&runtime, &sleep.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    runtime_close(&runtime);
}
END_TEST

Suite *sleep_suite(void)
{
    Suite *suite = suite_create("sleep");
    TCase *time = tcase_create("time");
    TCase *cancel = tcase_create("cancel");
    TCase *reset = tcase_create("reset");

    tcase_add_loop_test(time, a_sleep_is_ready_when_its_duration_has_passed, 0, VARIANTS);
    tcase_add_loop_test(time, an_initialised_sleep_knows_nothing_of_what_its_struct_held, 0,
                        VARIANTS);
    tcase_add_loop_test(time, a_sleep_until_is_ready_at_its_deadline, 0, VARIANTS);
    tcase_add_loop_test(time, a_sleep_of_nothing_and_one_until_the_past_are_ready_in_the_next_turn,
                        0, VARIANTS);
    tcase_add_loop_test(time, a_duration_counts_from_the_first_poll, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(time, the_waker_of_the_latest_poll_is_called, 0, VARIANTS);
    suite_add_tcase(suite, time);

    tcase_add_loop_test(cancel, a_timer_disarmed_behind_its_back_fails_the_sleep_and_is_not_its_end,
                        0, VARIANTS);
    tcase_add_loop_test(cancel, a_sleep_of_never_can_be_cancelled, 0, VARIANTS);
    tcase_add_loop_test(cancel, cancelled_after_it_fired_but_before_its_poll_it_ends_cancelled, 0,
                        VARIANTS);
    suite_add_tcase(suite, cancel);

    tcase_add_loop_test(reset, reset_before_the_first_poll_only_changes_the_time, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_while_armed_sleeps_anew_and_wakes_nobody, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_after_it_fired_but_before_its_poll_sleeps_anew, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_after_it_was_ready_sleeps_anew, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_after_the_end_is_a_step_that_is_recorded, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_to_the_past_is_ready_in_the_next_turn, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, reset_wakes_the_task_that_awaits_it, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(reset, a_sleep_that_does_not_wait_takes_its_new_deadline_to_its_next_poll,
                        0, VIRTUAL_VARIANTS);
    suite_add_tcase(suite, reset);
    return suite;
}
