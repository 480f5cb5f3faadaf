/* SPDX-License-Identifier: MIT */
/* What the views make of a trace: why each timer was late, and what was true at each step. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "suites.h"
#include "tape.h"
#include "views/chrome.h"
#include "views/model.h"
#include "views/story.h"
#include "views/svg.h"
#include "views/timeline.h"

static struct tape tape;
static struct model model;

static void begin(void)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "sleeper");
    tape_spawn(&tape, 2, "blocker");
}

static void check_late(uint32_t id, uint64_t not_run_ms, uint64_t held_ms, uint64_t others_ms,
                       const char *blame)
{
    const struct model_source *timer = model_source(&model, id);
    char text[64];

    ck_assert_ptr_nonnull(timer);
    ck_assert_uint_eq(timer->late.total_ns, EDO_MS(not_run_ms + held_ms + others_ms));
    ck_assert_uint_eq(timer->late.not_run_ns, EDO_MS(not_run_ms));
    ck_assert_uint_eq(timer->late.held_ns, EDO_MS(held_ms));
    ck_assert_uint_eq(timer->late.others_ns, EDO_MS(others_ms));
    model_blame(&model, timer, text, sizeof text);
    ck_assert_str_eq(text, blame);
}

/* --- Whose fault ------------------------------------------------------------------------------ */

START_TEST(the_thread_did_not_run)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(300));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 200, 0, 0, "the thread did not run");
    ck_assert_int_eq(model_fault(&model_latest(&model)->late), MODEL_NOT_RUN);
    model_close(&model);
}
END_TEST

/* For its own part of the time: the last ms was another's. */
START_TEST(a_poll_held_the_loop_and_is_named)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape.now_ns = EDO_MS(50);
    tape_poll(&tape, 1, EDO_MS(10));
    tape_poll(&tape, 2, EDO_MS(170));
    tape_poll(&tape, 1, EDO_MS(1));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 0, 131, 0, "blocker held the loop 130.0 ms");
    ck_assert_int_eq(model_fault(&model_latest(&model)->late), MODEL_HELD);
    ck_assert_uint_eq(model_task(&model, 2)->longest_poll_ns, EDO_MS(170));
    model_close(&model);
}
END_TEST

START_TEST(the_longest_poll_is_named_wherever_it_stands_among_others)
{
    for (int place = 0; place < 9; place++) {
        begin();
        tape_arm(&tape, 1, 7, EDO_MS(100));
        tape.now_ns = EDO_MS(100);
        for (int i = 0; i < 9; i++)
            tape_poll(&tape, i == place ? 2 : 1, EDO_MS(i == place ? 40 : 1 + i % 3));
        tape_fire(&tape, 7, EDO_MS(100));
        tape_wake(&tape, 1, 7);
        tape_poll(&tape, 1, 0);
        ck_assert(model_open(&model, &tape.trace));
        ck_assert_uint_eq(model_source(&model, 7)->late.holder, 2);
        model_close(&model);
    }
}
END_TEST

/* Awake from 90 ms on, and stopped when the deadline came. */
START_TEST(who_watches_the_clock_is_late_only_because_the_thread_did_not_run)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_arm(&tape, 2, 8, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(90));
    tape.now_ns = EDO_MS(103);
    tape_fire(&tape, 7, EDO_MS(100));
    tape_fire(&tape, 8, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_wake(&tape, 2, 8);
    tape_poll(&tape, 1, EDO_MS(2));
    tape_poll(&tape, 2, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 3, 0, 0, "the thread did not run");
    check_late(8, 3, 0, 2, "the thread did not run");
    ck_assert_uint_eq(model_watched_until(&model, 5), 6);
    ck_assert_uint_eq(model_watched_until(&model, 4), MODEL_NEVER); /* there it falls asleep */
    model_close(&model);
}
END_TEST

/* An fd is first; the deadline came before the thread was awake; a poll was between; the timer was
 * armed when it was due. */
START_TEST(who_is_awake_has_not_always_watched_the_clock)
{
    for (int i = 0; i < 4; i++) {
        begin();
        tape_arm(&tape, 1, 7, EDO_MS(100));
        tape_arm(&tape, 2, 8, i == 0 ? 0 : EDO_S(1));
        tape_sleep(&tape, EDO_MS(i == 1 ? 101 : 90));
        if (i == 2)
            tape_poll(&tape, 2, EDO_MS(1));
        tape.now_ns = EDO_MS(102);
        if (i == 0)
            tape_fire(&tape, 8, EDO_MS(95));
        if (i == 3)
            tape_arm(&tape, 2, 9, EDO_MS(101));
        tape_fire(&tape, i == 3 ? 9 : 7, EDO_MS(i == 3 ? 101 : 100));
        ck_assert(model_open(&model, &tape.trace));
        for (size_t step = 0; step < model.count; step++)
            ck_assert_uint_eq(model_watched_until(&model, step), MODEL_NEVER);
        model_close(&model);
    }
}
END_TEST

/* None of them took half of the time, so none of them is to blame. */
START_TEST(of_many_short_polls_that_held_the_loop_none_is_named)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape.now_ns = EDO_MS(100);
    for (int i = 0; i < 30; i++)
        tape_poll(&tape, 2, EDO_MS(1));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 0, 30, 0, "the loop was held 30.0 ms");
    model_close(&model);
}
END_TEST

/* A sleep of nothing is due while its own task is still polled. */
START_TEST(a_task_that_goes_on_after_arming_holds_the_loop_itself)
{
    begin();
    tape_record(&tape, EDO_TRACE_POLL_BEGIN, 2);
    tape_arm(&tape, 2, 7, EDO_MS(0));
    tape_fire(&tape, 7, EDO_MS(0));
    tape.now_ns = EDO_MS(40);
    tape_record(&tape, EDO_TRACE_POLL_END, 2)->to = "PENDING";
    tape_wake(&tape, 2, 7);
    tape_poll(&tape, 2, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 0, 40, 0, "blocker held the loop 40.0 ms");
    model_close(&model);
}
END_TEST

START_TEST(others_that_were_due_at_the_same_time_came_first)
{
    enum { TIMERS = 1000 };

    begin();
    for (uint32_t id = 1; id <= TIMERS; id++) {
        tape_spawn(&tape, 100 + id, "one of many");
        tape_arm(&tape, 100 + id, id, EDO_MS(100));
    }
    tape_sleep(&tape, EDO_MS(100));
    for (uint32_t id = 1; id <= TIMERS; id++)
        tape_fire(&tape, id, EDO_MS(100));
    for (uint32_t id = 1; id <= TIMERS; id++)
        tape_wake(&tape, 100 + id, id);
    for (uint32_t id = 1; id <= TIMERS; id++)
        tape_poll(&tape, 100 + id, EDO_MS(1));
    ck_assert(model_open(&model, &tape.trace));
    check_late(1, 0, 0, 0, "the thread did not run");
    check_late(3, 0, 0, 2, "one of many came first");
    check_late(TIMERS, 0, 0, TIMERS - 1, "999 others came first");
    ck_assert_uint_eq(model_latest(&model)->id, TIMERS);
    model_close(&model);
}
END_TEST

/* Reading a thousand timerfds takes its time too. */
START_TEST(others_that_were_collected_first_came_first)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(100));
    tape.now_ns += EDO_MS(5);
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 0, 0, 5, "other timers came first");
    model_close(&model);
}
END_TEST

START_TEST(the_parts_are_told_apart_where_all_three_come_together)
{
    begin();
    tape_spawn(&tape, 3, "third");
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_arm(&tape, 2, 8, EDO_MS(90));
    tape_arm(&tape, 3, 9, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(104)); /* 4 ms late itself */
    tape_fire(&tape, 8, EDO_MS(90));
    tape_wake(&tape, 2, 8);
    tape_poll(&tape, 2, EDO_MS(20)); /* held */
    tape_fire(&tape, 9, EDO_MS(100));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 3, 9);
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 3, EDO_MS(6)); /* another, first */
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 4, 20, 6, "blocker held the loop 20.0 ms");
    check_late(8, 14, 0, 0, "the thread did not run");
    check_late(9, 4, 20, 0, "blocker held the loop 20.0 ms");
    model_close(&model);
}
END_TEST

/* --- What is missing -------------------------------------------------------------------------- */

/* A waker may be any callback. The poll that comes later is not because of it. */
START_TEST(a_timer_that_fires_and_wakes_no_task_is_not_late)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(103));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(200));
    tape_record(&tape, EDO_TRACE_WAKE, 1)->from = "program";
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_source(&model, 7)->polled, MODEL_NEVER);
    ck_assert_ptr_null(model_latest(&model));
    model_close(&model);
}
END_TEST

/* It may also call the waker of a task, in its own name. */
START_TEST(a_timer_whose_waker_wakes_in_another_name_is_judged_by_that_task)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(103));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_record(&tape, EDO_TRACE_WAKE, 1)->from = "program";
    tape_poll(&tape, 2, EDO_MS(1));
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 3, 0, 1, "the thread did not run");
    ck_assert_uint_eq(model_source(&model, 7)->woken, MODEL_NEVER);
    model_close(&model);
}
END_TEST

START_TEST(who_spawns_before_its_first_await_is_known_by_its_next_step)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "parent");
    tape_record(&tape, EDO_TRACE_POLL_BEGIN, 1);
    tape_state(&tape, 1, 4, "join", "JOIN_AWAITS");
    tape_spawn(&tape, 2, "child");
    tape.events[3].other = 1;
    tape_spawn(&tape, 3, "child");
    tape.events[4].other = 1;
    tape_state(&tape, 1, 5, "spawner", "SPAWNER_AWAITS");
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_task(&model, 1)->spawning, 0);
    ck_assert_uint_eq(model_task(&model, 2)->spawning, 5);
    ck_assert_uint_eq(model_task(&model, 3)->spawning, 5);
    model_close(&model);
}
END_TEST

START_TEST(a_timer_that_wakes_another_task_is_judged_by_that)
{
    begin();
    tape_arm(&tape, 1, 6, EDO_MS(100));
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_arm(&tape, 1, 8, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(101));
    for (uint32_t id = 6; id <= 8; id++)
        tape_fire(&tape, id, EDO_MS(100));
    tape_wake(&tape, 1, 6);
    tape_wake(&tape, 2, 7);
    tape_wake(&tape, 1, 8);
    tape_poll(&tape, 1, EDO_MS(5));
    tape_poll(&tape, 2, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(6, 1, 0, 0, "the thread did not run");
    check_late(7, 1, 0, 5, "sleeper came first");
    check_late(8, 1, 0, 0, "the thread did not run");
    ck_assert_uint_eq(model_source(&model, 7)->task, 2);
    model_close(&model);
}
END_TEST

START_TEST(a_poll_before_the_wake_does_not_count)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape.now_ns = EDO_MS(100);
    tape_fire(&tape, 7, EDO_MS(100));
    tape_poll(&tape, 1, EDO_MS(2));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 2, EDO_MS(1));
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    check_late(7, 0, 2, 1, "sleeper held the loop 2.0 ms");
    model_close(&model);
}
END_TEST

START_TEST(a_timer_that_was_disarmed_is_not_late)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_sleep(&tape, EDO_MS(150));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_record(&tape, EDO_TRACE_DISARM, 1)->other = 7;
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_source(&model, 7)->polled, MODEL_NEVER);
    ck_assert_ptr_null(model_latest(&model));
    model_close(&model);
}
END_TEST

/* On the virtual clock, which begins there. An fd has a deadline of 0 too, and a wait for one that
 * was registered before has no fd in the trace. */
START_TEST(a_deadline_of_zero_that_fires_at_once_is_a_timer)
{
    begin();
    tape_arm(&tape, 1, 9, 0);
    tape_arm(&tape, 1, 7, 0);
    tape_fire(&tape, 7, 0);
    tape_arm(&tape, 1, 8, 0);
    tape.events[edo_trace_count(&tape.trace) - 1].fd = 4;
    ck_assert(model_open(&model, &tape.trace));
    ck_assert(model_source(&model, 7)->is_timer);
    ck_assert(!model_source(&model, 8)->is_timer);
    ck_assert(!model_source(&model, 9)->is_timer);
    model_close(&model);
}
END_TEST

/* The ring holds from the `fire` on. */
START_TEST(of_what_was_dropped_the_rest_is_told)
{
    tape_init(&tape, 5);
    tape_spawn(&tape, 1, "sleeper");
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape_record(&tape, EDO_TRACE_ENTER, 0);
    tape.now_ns = EDO_MS(130);
    tape_record(&tape, EDO_TRACE_LEAVE, 0);
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, EDO_MS(3));
    ck_assert_uint_eq(edo_trace_dropped(&tape.trace), 3);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model.count, 5);
    ck_assert_uint_eq(model_source(&model, 7)->armed, MODEL_NEVER);
    ck_assert_uint_eq(model_source(&model, 7)->fired, 1);
    ck_assert_uint_eq(model_source(&model, 7)->late.total_ns, EDO_MS(30));
    ck_assert_str_eq(model_task_name(&model, 1), "sleeper");
    ck_assert_uint_eq(model_task(&model, 1)->spawned, MODEL_NEVER);
    ck_assert_str_eq(model_task_name(&model, 9), "?");
    ck_assert_ptr_null(model_task(&model, 9));
    ck_assert_ptr_null(model_source(&model, 6));
    ck_assert_ptr_null(model_future(&model, 1));
    model_close(&model);
}
END_TEST

/* --- Traces that no run can have made --------------------------------------------------------- */

static void check_can_be_told(void)
{
    static void (*const views[])(const struct edo_trace *trace, FILE *file) = {
        svg_write, story_write, story_write_page, chrome_write};

    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(file);
        views[i](&tape.trace, file);
        ck_assert_int_eq(ferror(file), 0);
        fclose(file);
        free(text);
    }
}

START_TEST(futures_that_await_each_other_in_a_circle_are_told_side_by_side)
{
    begin();
    tape_state(&tape, 1, 1, "one", "AWAITS_OTHER");
    tape.events[tape.trace.recorded - 1].arg = 2;
    tape_state(&tape, 1, 2, "other", "AWAITS_ONE");
    tape.events[tape.trace.recorded - 1].arg = 1;
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_future(&model, 1)->parent, 0);
    ck_assert_uint_eq(model_future(&model, 2)->parent, 1);
    model_close(&model);
    check_can_be_told();
}
END_TEST

START_TEST(tasks_that_have_spawned_each_other_are_told_side_by_side)
{
    begin();
    for (uint32_t task = 1; task <= 2; task++) {
        tape_spawn(&tape, task, "task");
        tape.events[tape.trace.recorded - 1].other = 3 - task;
        tape.events[tape.trace.recorded - 1].arg = 7;
    }
    tape_state(&tape, 2, 7, "spawner", "AWAITS_TASKS");
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_task(&model, 1)->spawner, 0);
    ck_assert_uint_eq(model_task(&model, 1)->spawning, 0);
    ck_assert_uint_eq(model_task(&model, 2)->spawner, 1);
    ck_assert_uint_eq(model_task(&model, 2)->spawning, 0);
    model_close(&model);
    check_can_be_told();
}
END_TEST

START_TEST(an_id_that_is_armed_twice_is_known_by_the_first_time)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(1));
    tape_arm(&tape, 1, 8, EDO_MS(1));
    for (int i = 0; i < 2; i++) {
        tape_fire(&tape, 7, EDO_MS(1));
        tape_fire(&tape, 8, EDO_MS(1));
        tape_arm(&tape, 1, 7, EDO_MS(2));
    }
    tape_poll(&tape, 1, 0);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_source(&model, 7)->deadline_ns, EDO_MS(1));
    model_close(&model);
    check_can_be_told();
}
END_TEST

START_TEST(nobody_is_0)
{
    begin();
    tape_arm(&tape, 1, 7, EDO_MS(1));
    tape_state(&tape, 1, 7, "future", "AWAITS_SLEEP");
    tape_spawn(&tape, 0, "nobody");
    tape_wake(&tape, 0, 0);
    tape_arm(&tape, 1, 0, EDO_MS(1));
    tape_fire(&tape, 0, EDO_MS(1));
    tape_state(&tape, 0, 0, "nothing", "EDO_DONE");
    tape_poll(&tape, 0, 1);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_ptr_null(model_task(&model, 0));
    ck_assert_ptr_null(model_source(&model, 0));
    ck_assert_ptr_null(model_future(&model, 0));
    model_close(&model);
    check_can_be_told();
}
END_TEST

static void check_is_refused(const char *why)
{
    ck_assert(!model_open(&model, &tape.trace));
    ck_assert_str_eq(model.refusal, why);
    ck_assert_ptr_null(model.tasks);
    check_can_be_told();
    timeline_print(&tape.trace);
}

START_TEST(a_trace_in_which_time_goes_back_is_refused)
{
    begin();
    tape_phase(&tape, 1, "phase");
    tape.events[0].t_ns = EDO_S(5);
    tape_spawn(&tape, 1, "task");
    tape.now_ns = EDO_S(1);
    tape_poll(&tape, 1, EDO_MS(2));
    check_is_refused("time goes back in the trace");
}
END_TEST

/* There would be an array with a place for each of them: hundreds of GB. */
START_TEST(a_trace_with_numbers_far_apart_is_refused)
{
    static const enum edo_trace_kind kinds[] = {EDO_TRACE_POLL_BEGIN, EDO_TRACE_STATE,
                                                EDO_TRACE_ARM, EDO_TRACE_WAKE};
    struct edo_trace_event *last = NULL;

    begin();
    for (uint32_t i = 0; i < 2; i++) {
        last = tape_record(&tape, kinds[_i], 1);
        last->from = last->to = last->name = "timer";
        last->arg = last->other = 1;
    }
    ck_assert(model_open(&model, &tape.trace));
    model_close(&model);
    last->arg = last->other = UINT32_MAX;
    last->task = kinds[_i] == EDO_TRACE_POLL_BEGIN ? UINT32_MAX : 1;
    check_is_refused("numbers in the trace lie too far apart");
}
END_TEST

START_TEST(a_trace_that_lacks_a_text_is_refused)
{
    static const enum edo_trace_kind kinds[] = {EDO_TRACE_STATE, EDO_TRACE_NAME,
                                                EDO_TRACE_PHASE, EDO_TRACE_WAKE,
                                                EDO_TRACE_DONE,  EDO_TRACE_POLL_END};
    struct edo_trace_event *event;

    begin();
    event = tape_record(&tape, kinds[_i], 1);
    event->other = 1;
    event->name = event->from = event->to = NULL;
    check_is_refused("an event of the trace lacks a text");
}
END_TEST

START_TEST(a_trace_of_nothing_can_be_read)
{
    tape_init(&tape, TAPE_EVENTS);
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(model_time(&model, 0), 0);
    ck_assert_ptr_null(model_latest(&model));
    ck_assert_ptr_null(model_task(&model, 1));
    model_seek(&model, 5);
    ck_assert_uint_eq(model.step, 0);
    model_close(&model);
}
END_TEST

/* --- Random runs ------------------------------------------------------------------------------ */

enum { SLEEPERS = 40, TURNS = 400 };

struct sleeper {
    uint64_t deadline_ns;
    uint32_t id; /* of its timer, 0: it is not asleep */
    bool is_ready;
};

static struct sleeper sleepers[SLEEPERS + 1];
static uint32_t last_id;

static void poll_one(uint32_t task, uint64_t *state)
{
    struct sleeper *sleeper = &sleepers[task];

    tape_record(&tape, EDO_TRACE_POLL_BEGIN, task);
    tape.now_ns += draw(state) % 16 == 0 ? EDO_MS(draw(state) % 60) : EDO_US(draw(state) % 200);
    sleeper->is_ready = false;
    sleeper->id = ++last_id;
    sleeper->deadline_ns = tape.now_ns + EDO_MS(draw(state) % 50);
    tape_arm(&tape, task, sleeper->id, sleeper->deadline_ns);
    tape_state(&tape, task, last_id, "sleep", "SLEEP_ARMED");
    tape.now_ns += EDO_US(draw(state) % 50);
    tape_record(&tape, EDO_TRACE_POLL_END, task)->to = "PENDING";
}

static void wake_one(uint32_t task)
{
    tape_wake(&tape, task, sleepers[task].id);
    sleepers[task].id = 0;
    sleepers[task].is_ready = true;
}

/* What an executor does, in its order, at times drawn by chance. */
static void run_turn(uint64_t *state)
{
    uint64_t first_ns = EDO_NEVER;
    bool is_ready = false;

    for (uint32_t i = 1; i <= SLEEPERS; i++) {
        is_ready = is_ready || sleepers[i].is_ready;
        if (sleepers[i].id != 0 && sleepers[i].deadline_ns < first_ns)
            first_ns = sleepers[i].deadline_ns;
    }
    if (!is_ready)
        tape_sleep(&tape,
                   (first_ns > tape.now_ns ? first_ns : tape.now_ns) + EDO_US(draw(state) % 3000));
    for (uint32_t i = 1; i <= SLEEPERS; i++)
        if (sleepers[i].id != 0 && sleepers[i].deadline_ns <= tape.now_ns) {
            tape_fire(&tape, sleepers[i].id, sleepers[i].deadline_ns);
            tape.now_ns += draw(state) % 5000;
            wake_one(i);
        }
    for (uint32_t i = 1; i <= SLEEPERS; i++)
        if (sleepers[i].is_ready && draw(state) % 4 != 0)
            poll_one(i, state);
}

static void make_up_a_run(size_t capacity, uint64_t seed)
{
    tape_init(&tape, capacity);
    last_id = 0;
    for (uint32_t i = 1; i <= SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){.is_ready = true};
        tape_spawn(&tape, i, "sleeper");
    }
    for (int turn = 0; turn < TURNS; turn++)
        run_turn(&seed);
}

static void check_parts(void)
{
    size_t judged = 0, faults[MODEL_FAULTS] = {0};

    for (uint32_t i = 0; i < model.source_count; i++) {
        const struct model_source *timer = &model.sources[i];
        const struct model_late *late = &timer->late;

        ck_assert_uint_eq(late->not_run_ns + late->held_ns + late->others_ns, late->total_ns);
        ck_assert_uint_le(late->not_run_ns, late->total_ns);
        ck_assert_uint_le(late->held_ns, late->total_ns);
        if (timer->id == 0 || timer->polled == MODEL_NEVER)
            continue;
        ck_assert_uint_eq(late->total_ns, model_time(&model, timer->polled) - timer->deadline_ns);
        faults[model_fault(late)]++;
        judged++;
    }
    ck_assert_uint_gt(judged, 500);
    for (int fault = 0; fault < MODEL_FAULTS; fault++)
        ck_assert_uint_gt(faults[fault], 10);
}

static const size_t capacities[] = {TAPE_EVENTS, 6000, 5999, 5998, 5997, 5996, 5995};

START_TEST(the_parts_of_every_timer_add_up)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make_up_a_run(capacities[_i], seed);
        ck_assert(model_open(&model, &tape.trace));
        check_parts();
        model_close(&model);
    }
}
END_TEST

enum { REAL = 200, REAL_EVENTS = 8192 };

/* All of one deadline, on both drivers and both clocks. */
START_TEST(of_real_timers_too_and_each_has_been_judged)
{
    static struct edo_trace_event events[REAL_EVENTS];
    static struct edo_task tasks[REAL];
    static struct edo_sleep sleeps[REAL];
    struct edo_trace trace;
    struct runtime runtime;

    edo_trace_init(&trace, events, REAL_EVENTS);
    runtime_open_traced(&runtime, _i, &trace);
    for (int i = 0; i < REAL; i++) {
        edo_sleep_until_init(&sleeps[i], runtime_now(&runtime) + EDO_MS(10));
        edo_task_init(&tasks[i], "sleeper", &sleeps[i].future);
        ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &tasks[i]), 0);
    }
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert(model_open(&model, &trace));
    ck_assert_uint_eq(model.source_count, REAL);
    for (uint32_t i = 0; i < REAL; i++) {
        const struct model_source *timer = &model.sources[i];
        const struct model_late *late = &timer->late;

        ck_assert(timer->is_timer && timer->polled != MODEL_NEVER);
        ck_assert_uint_ge(model_time(&model, timer->polled), timer->deadline_ns);
        ck_assert_uint_eq(late->total_ns, model_time(&model, timer->polled) - timer->deadline_ns);
        ck_assert_uint_eq(late->not_run_ns + late->held_ns + late->others_ns, late->total_ns);
        ck_assert_str_eq(model_sleeper_name(&model, timer), "sleeper");
    }
    model_close(&model);
    runtime_close(&runtime);
}
END_TEST

/* What is true now, as one number. */
static uint64_t digest(void)
{
    uint64_t sum = model.step * 31 + (model.is_asleep ? 7 : 0) + model.polled;

    for (uint32_t i = 0; i < model.task_count; i++)
        sum = sum * 31 + (uint64_t)model.tasks[i].state * 8191 +
              (model.tasks[i].state != MODEL_UNKNOWN ? model.tasks[i].since : 0);
    for (uint32_t i = 0; i < model.source_count; i++)
        sum = sum * 31 + (model.sources[i].is_armed ? 2 : 0) + model.sources[i].is_due;
    for (uint32_t i = 0; i < model.future_count; i++)
        sum = sum * 31 + (model.futures[i].state != NULL);
    return sum;
}

START_TEST(forwards_and_backwards_lead_to_the_same)
{
    static uint64_t digests[TAPE_EVENTS + 1];
    uint64_t state = 1;

    make_up_a_run(2000, 1);
    ck_assert(model_open(&model, &tape.trace));
    for (size_t step = 0; step <= model.count; step++) {
        model_seek(&model, step);
        digests[step] = digest();
    }
    ck_assert_uint_ne(digests[1000], digests[1001]);
    for (int i = 0; i < 500; i++) {
        size_t step = (size_t)(draw(&state) % (model.count + 1));

        model_seek(&model, step);
        ck_assert_uint_eq(digest(), digests[step]);
    }
    model_seek(&model, MODEL_NEVER);
    ck_assert_uint_eq(model.step, model.count);
    model_close(&model);
}
END_TEST

Suite *model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *late = tcase_create("late");
    TCase *missing = tcase_create("missing");
    TCase *random = tcase_create("random");

    tcase_add_test(late, the_thread_did_not_run);
    tcase_add_test(late, a_poll_held_the_loop_and_is_named);
    tcase_add_test(late, the_longest_poll_is_named_wherever_it_stands_among_others);
    tcase_add_test(late, of_many_short_polls_that_held_the_loop_none_is_named);
    tcase_add_test(late, who_watches_the_clock_is_late_only_because_the_thread_did_not_run);
    tcase_add_test(late, who_is_awake_has_not_always_watched_the_clock);
    tcase_add_test(late, a_task_that_goes_on_after_arming_holds_the_loop_itself);
    tcase_add_test(late, others_that_were_due_at_the_same_time_came_first);
    tcase_add_test(late, others_that_were_collected_first_came_first);
    tcase_add_test(late, the_parts_are_told_apart_where_all_three_come_together);
    suite_add_tcase(suite, late);

    tcase_add_test(missing, a_timer_that_fires_and_wakes_no_task_is_not_late);
    tcase_add_test(missing, a_timer_whose_waker_wakes_in_another_name_is_judged_by_that_task);
    tcase_add_test(missing, who_spawns_before_its_first_await_is_known_by_its_next_step);
    tcase_add_test(missing, a_timer_that_wakes_another_task_is_judged_by_that);
    tcase_add_test(missing, a_poll_before_the_wake_does_not_count);
    tcase_add_test(missing, a_timer_that_was_disarmed_is_not_late);
    tcase_add_test(missing, a_deadline_of_zero_that_fires_at_once_is_a_timer);
    tcase_add_test(missing, of_what_was_dropped_the_rest_is_told);
    tcase_add_test(missing, futures_that_await_each_other_in_a_circle_are_told_side_by_side);
    tcase_add_test(missing, tasks_that_have_spawned_each_other_are_told_side_by_side);
    tcase_add_test(missing, an_id_that_is_armed_twice_is_known_by_the_first_time);
    tcase_add_test(missing, nobody_is_0);
    tcase_add_test(missing, a_trace_in_which_time_goes_back_is_refused);
    tcase_add_loop_test(missing, a_trace_with_numbers_far_apart_is_refused, 0, 4);
    tcase_add_loop_test(missing, a_trace_that_lacks_a_text_is_refused, 0, 6);
    tcase_add_test(missing, a_trace_of_nothing_can_be_read);
    suite_add_tcase(suite, missing);

    tcase_add_loop_test(random, the_parts_of_every_timer_add_up, 0,
                        sizeof capacities / sizeof capacities[0]);
    tcase_add_loop_test(random, of_real_timers_too_and_each_has_been_judged, 0, VARIANTS);
    tcase_add_test(random, forwards_and_backwards_lead_to_the_same);
    suite_add_tcase(suite, random);
    return suite;
}
