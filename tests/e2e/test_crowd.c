/* SPDX-License-Identifier: MIT */
/* Pictures of many tasks, from traces made up for it, and of real ones. */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"
#include "tape.h"
#include "views/crowd.h"
#include "views/svg.h"

enum { TASKS = 100 };

static struct tape tape;
static struct model model;
static struct crowd crowd;
static char text[65536];

/* A task begins every ms and ends 50 ms later; the timer of the k-th is k us late. */
static void make_up_last(size_t capacity)
{
    tape_init(&tape, capacity);
    for (uint32_t ms = 0; ms < TASKS + 50; ms++) {
        tape.now_ns = EDO_MS(ms);
        if (ms < TASKS) {
            tape_spawn(&tape, ms + 1, "task");
            tape_arm(&tape, ms + 1, ms + 1, EDO_MS(ms + 50) - EDO_US(ms + 1));
        }
        if (ms >= 50) {
            tape_fire(&tape, ms - 49, EDO_MS(ms) - EDO_US(ms - 49));
            tape_wake(&tape, ms - 49, ms - 49);
            tape_poll(&tape, ms - 49, 0);
            tape_done(&tape, ms - 49, "EDO_DONE");
        }
    }
}

static void make_up(void)
{
    make_up_last(TAPE_EVENTS);
}

static void measure(unsigned columns)
{
    ck_assert(model_open(&model, &tape.trace));
    crowd_measure(&crowd, &model, columns);
    model_close(&model);
}

static void draw_svg(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    ck_assert_ptr_nonnull(file);
    svg_write(&tape.trace, file);
    fclose(file);
    ck_assert_str_eq(text + strlen(text) - 7, "</svg>\n");
}

START_TEST(a_crowd_is_counted_over_time)
{
    make_up();
    ck_assert(model_open(&model, &tape.trace));
    ck_assert_uint_eq(crowd_tasks(&model), TASKS);
    model_close(&model);
    measure(150);
    ck_assert_uint_eq(crowd.most, 51);
    ck_assert_uint_eq(crowd.in_flight[0], 1);
    ck_assert_uint_ge(crowd.in_flight[75], 50);
    ck_assert_uint_le(crowd.in_flight[149], 2);
    for (unsigned i = 1; i < 50; i++)
        ck_assert_uint_ge(crowd.in_flight[i], crowd.in_flight[i - 1]);
}
END_TEST

/* D11: such a time is no longer exact in a double, and the last event seemed to lie behind the end.
 */
START_TEST(a_crowd_of_a_thousand_years_stays_within_its_columns)
{
    make_up();
    tape.now_ns = EDO_S(UINT64_C(18000000000));
    tape_spawn(&tape, 1000, "task");
    measure(10);
    ck_assert_uint_eq(crowd.in_flight[9], 1);
    ck_assert_uint_eq(crowd.in_flight[10], 0);
}
END_TEST

/* D11: nor does an axis go on for ever. */
START_TEST(the_picture_of_the_longest_trace_has_few_ticks)
{
    make_up();
    tape.now_ns = EDO_NEVER;
    tape_record(&tape, EDO_TRACE_ENTER, 0);
    draw_svg();
    ck_assert_uint_ge(occurrences(text, "class=\"grid\""), 2);
    ck_assert_uint_le(occurrences(text, "class=\"grid\""), 9);
}
END_TEST

/* Percentiles to 3 %. */
START_TEST(lateness_is_told_by_its_median_its_99th_and_its_worst)
{
    make_up();
    measure(10);
    ck_assert_uint_eq(crowd.timers, TASKS);
    ck_assert_uint_ge(lateness_percentile(&crowd.lateness, 50), EDO_US(50));
    ck_assert_uint_le(lateness_percentile(&crowd.lateness, 50), EDO_US(52));
    ck_assert_uint_ge(lateness_percentile(&crowd.lateness, 99), EDO_US(99));
    ck_assert_uint_eq(crowd.lateness.most_ns, EDO_US(100));
    ck_assert_uint_eq(crowd.late_ns[0], 0);           /* none was due then */
    ck_assert_uint_eq(crowd.late_ns[9], EDO_US(100)); /* the last was due in the last tenth */
    ck_assert_uint_eq(crowd.late, 0);
}
END_TEST

/* Three times as many by the second fault as by the first, and so on. */
static void make_up_faults(void)
{
    tape_init(&tape, TAPE_EVENTS);
    for (uint32_t task = 1; task <= 60; task++)
        tape_spawn(&tape, task, "task");
    for (uint32_t task = 1; task <= 60; task++)
        tape_arm(&tape, task, task, EDO_MS(task <= 4 ? 100 : task <= 16 ? 200 : 300));
    tape_sleep(&tape, EDO_MS(110)); /* the thread did not run */
    for (uint32_t task = 1; task <= 4; task++) {
        tape_fire(&tape, task, EDO_MS(100));
        tape_wake(&tape, task, task);
    }
    for (uint32_t task = 1; task <= 4; task++)
        tape_poll(&tape, task, task == 4 ? EDO_MS(100) : 0); /* the last holds the loop */
    for (uint32_t task = 5; task <= 16; task++) {
        tape_fire(&tape, task, EDO_MS(200));
        tape_wake(&tape, task, task);
    }
    for (uint32_t task = 5; task <= 16; task++)
        tape_poll(&tape, task, 0);
    tape_sleep(&tape, EDO_MS(300));
    for (uint32_t task = 17; task <= 60; task++) {
        tape_fire(&tape, task, EDO_MS(300));
        tape_wake(&tape, task, task);
    }
    for (uint32_t task = 17; task <= 60; task++) /* others come first */
        tape_poll(&tape, task, EDO_MS(1));
}

START_TEST(those_that_were_late_are_counted_by_whose_fault_it_was)
{
    make_up_faults();
    measure(10);
    ck_assert_uint_eq(crowd.timers, 60);
    ck_assert_uint_eq(crowd.late, 59); /* one of the last was first */
    ck_assert_uint_eq(crowd.faults[MODEL_NOT_RUN], 4);
    ck_assert_uint_eq(crowd.faults[MODEL_HELD], 12);
    ck_assert_uint_eq(crowd.faults[MODEL_OTHERS], 43);
    draw_svg();
    ck_assert_ptr_nonnull(strstr(text, "late by 1 ms or more: 59 of 60 timers: the thread did not "
                                       "run 4, the loop was held 12, others came first 43<"));
    ck_assert_ptr_nonnull(strstr(text, "latest: timer id 60 of task, 43.000 ms late: 43 others"));
}
END_TEST

START_TEST(the_picture_says_of_which_tasks_it_is_where_events_were_dropped)
{
    make_up_last(350); /* of 700: from when the 36th ends */
    measure(10);
    ck_assert_uint_eq(crowd.timers, 64);
    ck_assert_uint_eq(crowd.most, 51);
    draw_svg();
    ck_assert_ptr_nonnull(
        strstr(text, ">the 350 oldest events were dropped: this is about the last 65 tasks<"));
}
END_TEST

START_TEST(the_picture_of_a_crowd_has_no_row_for_each)
{
    make_up();
    draw_svg();
    ck_assert_ptr_nonnull(strstr(text, "tasks in flight"));
    ck_assert_ptr_nonnull(strstr(text, "51 max"));
    ck_assert_ptr_nonnull(strstr(text, "100 timers late by p50 0.05"));
    ck_assert_ptr_nonnull(strstr(text, ", max 0.100 ms<"));
    ck_assert_ptr_nonnull(strstr(text, "late by 1 ms or more: none of 100 timers"));
    ck_assert_ptr_null(strstr(text, "<title>waiting"));
}
END_TEST

/* --- The demo --------------------------------------------------------------------------------- */

static void run(struct process *process, const char *command)
{
    process_start(process, command);
    process_finish(process);
}

/* "late by 1 ms or more: 5 of 10000 timers: the thread did not run 2, the loop was held 0, others
 * came first 3", on one line or two. Returns how many were late. */
static unsigned check_counts(const char *out, unsigned tasks)
{
    const char *at = strstr(out, "late by 1 ms or more: ");
    unsigned late, timers, not_run, held, others;

    ck_assert_msg(at != NULL, "%s", out);
    if (strncmp(at + 22, "none of ", 8) == 0)
        return 0;
    ck_assert_msg(sscanf(at,
                         "late by 1 ms or more: %u of %u timers: the thread did not run %u, the "
                         "loop was held %u, others came first %u",
                         &late, &timers, &not_run, &held, &others) == 5,
                  "%s", at);
    ck_assert_uint_eq(timers, tasks);
    ck_assert_uint_eq(not_run + held + others, late);
    return late;
}

/* All that are due while it is stopped are late by its fault. */
START_TEST(ten_thousand_tasks_have_a_picture_whose_counts_add_up)
{
    struct process process;

    run(&process, "LC_ALL=C $DEMO --tasks 10000 --timers=wheel & "
                  "sleep 0.15; kill -STOP $!; sleep 0.2; kill -CONT $!; wait $!");
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(occurrences(process.out, "\ntasks in flight "), 1);
    ck_assert_uint_eq(occurrences(process.out, "\nlatest timer "), 1);
    ck_assert_uint_gt(check_counts(process.out, 10000), 0);
    tape_check_latest(process.out);
}
END_TEST

START_TEST(it_is_drawn_into_a_file_too)
{
    struct process process;

    run(&process, "exec $DEMO --tasks 3000 --timers=wheel --virtual --quiet --svg /dev/stderr");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_null(strstr(process.out, "in flight"));
    ck_assert_ptr_nonnull(strstr(process.err, "3001 max"));
    ck_assert_ptr_nonnull(strstr(process.err, "3000 timers late by p50 0.000 ms"));
    run(&process, "! command -v xmllint >/dev/null || $DEMO --tasks 3000 --timers=wheel --virtual "
                  "--quiet --svg /dev/stderr 2>&1 >/dev/null | xmllint --noout -");
    ck_assert_msg(process.status == 0, "%s", process.err);
}
END_TEST

/* The trace has then 13 lines a task, or more. */
START_TEST(its_trace_is_whole)
{
    struct process process;

    run(&process, "$DEMO --tasks 500 --virtual --quiet --trace /dev/stderr 2>&1 >/dev/null | "
                  "awk -F '\\t' '{ seen[$3]++ } "
                  "END { print seen[\"spawn\"], seen[\"arm\"], seen[\"fire\"], seen[\"done\"] }'");
    ck_assert_str_eq(process.out, "501 500 500 501\n");
}
END_TEST

/* Else there would be no memory for it. */
START_TEST(what_is_not_to_be_seen_is_not_recorded)
{
    static const char *const commands[] = {
        "ulimit -v 100000; exec $DEMO --tasks 150000 --timers=wheel --virtual --no-timeline",
        "ulimit -v 100000; exec $DEMO --tasks 150000 --timers=wheel --virtual --quiet",
    };
    struct process process;

    if (getenv("EDO_SANITIZED") != NULL || getenv("EDO_EMULATED") != NULL)
        return;

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        run(&process, commands[i]);
        ck_assert_int_eq(process.status, 0);
        ck_assert_str_eq(process.err, "");
        ck_assert_ptr_null(strstr(process.out, "in flight"));
        ck_assert_ptr_nonnull(strstr(process.out, "150000 ok"));
    }
}
END_TEST

START_TEST(without_memory_for_a_trace_they_run_all_the_same)
{
    struct process process;

    if (getenv("EDO_SANITIZED") != NULL || getenv("EDO_EMULATED") != NULL)
        return; /* its shadow, or the emulator, does not fit into the limit */
    run(&process, "ulimit -v 100000; exec $DEMO --tasks 150000 --timers=wheel --virtual");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.err, "no memory for a trace of 150000 tasks"));
    ck_assert_ptr_nonnull(strstr(process.out, "150000 ok, 0 failed"));
    ck_assert_ptr_null(strstr(process.out, "in flight"));
}
END_TEST

Suite *crowd_suite(void)
{
    Suite *suite = suite_create("crowd");
    TCase *tcase = tcase_create("crowd");
    TCase *demo = tcase_create("demo");

    tcase_add_test(tcase, a_crowd_is_counted_over_time);
    tcase_add_test(tcase, a_crowd_of_a_thousand_years_stays_within_its_columns);
    tcase_add_test(tcase, the_picture_of_the_longest_trace_has_few_ticks);
    tcase_add_test(tcase, lateness_is_told_by_its_median_its_99th_and_its_worst);
    tcase_add_test(tcase, those_that_were_late_are_counted_by_whose_fault_it_was);
    tcase_add_test(tcase, the_picture_says_of_which_tasks_it_is_where_events_were_dropped);
    tcase_add_test(tcase, the_picture_of_a_crowd_has_no_row_for_each);
    suite_add_tcase(suite, tcase);

    tcase_add_test(demo, ten_thousand_tasks_have_a_picture_whose_counts_add_up);
    tcase_add_test(demo, it_is_drawn_into_a_file_too);
    tcase_add_test(demo, its_trace_is_whole);
    tcase_add_test(demo, what_is_not_to_be_seen_is_not_recorded);
    tcase_add_test(demo, without_memory_for_a_trace_they_run_all_the_same);
    suite_add_tcase(suite, demo);
    return suite;
}
