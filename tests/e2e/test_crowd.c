/* SPDX-License-Identifier: MIT */
/* Pictures of many tasks, from traces made up for it. */
#include <string.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "process.h"
#include "suites.h"
#include "views/crowd.h"
#include "views/svg.h"

enum { TASKS = 100, EVENTS = 3 * TASKS };

/* A task begins every ms and ends 50 ms later; the timer of the k-th fires k us late. */
struct made_up {
    struct edo_clock clock;
    struct edo_trace_event events[EVENTS];
    struct edo_trace trace;
};

static void record(struct made_up *made_up, enum edo_trace_kind kind, uint32_t task, uint64_t arg)
{
    struct edo_trace_event *event = edo_record(&made_up->trace, kind, 0, arg);

    event->task = task;
    event->name = "task";
    event->to = "EDO_DONE";
}

static void make_up(struct made_up *made_up)
{
    made_up->clock = (struct edo_clock){.is_virtual = true};
    edo_trace_init(&made_up->trace, made_up->events, EVENTS);
    made_up->trace.clock = &made_up->clock;
    for (uint32_t ms = 0; ms < TASKS + 50; ms++) {
        edo_clock_advance(&made_up->clock, EDO_MS(ms));
        if (ms < TASKS)
            record(made_up, EDO_TRACE_SPAWN, ms + 1, 0);
        if (ms >= 50) {
            record(made_up, EDO_TRACE_FIRE, 0, EDO_MS(ms) - EDO_US(ms - 49));
            record(made_up, EDO_TRACE_DONE, ms - 49, 0);
        }
    }
}

START_TEST(a_crowd_is_counted_over_time)
{
    struct made_up made_up;
    struct crowd crowd;

    make_up(&made_up);
    ck_assert_uint_eq(crowd_tasks(&made_up.trace), TASKS);
    crowd_measure(&crowd, &made_up.trace, 150);
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
    struct made_up made_up;
    struct crowd crowd;

    make_up(&made_up);
    edo_clock_advance(&made_up.clock, EDO_S(UINT64_C(18000000000)));
    record(&made_up, EDO_TRACE_SPAWN, 1, 0);
    crowd_measure(&crowd, &made_up.trace, 10);
    ck_assert_uint_eq(crowd.in_flight[9], 1);
    ck_assert_uint_eq(crowd.in_flight[10], 0);
}
END_TEST

/* D11: nor does an axis go on for ever. */
START_TEST(the_picture_of_the_longest_trace_has_few_ticks)
{
    struct made_up made_up;
    char text[16384] = "";
    FILE *file = fmemopen(text, sizeof text, "w");

    make_up(&made_up);
    edo_clock_advance(&made_up.clock, EDO_NEVER);
    record(&made_up, EDO_TRACE_WAKE, 1, 0);
    svg_write(&made_up.trace, file);
    fclose(file);
    ck_assert_uint_ge(occurrences(text, "class=\"grid\""), 2);
    ck_assert_uint_le(occurrences(text, "class=\"grid\""), 9);
}
END_TEST

START_TEST(lateness_is_told_by_its_median_its_99th_and_its_worst)
{
    struct made_up made_up;
    struct crowd crowd;

    make_up(&made_up);
    crowd_measure(&crowd, &made_up.trace, 10);
    ck_assert_uint_eq(crowd.timers, TASKS);
    ck_assert_uint_eq(crowd.late_p50_ns, EDO_US(50));
    ck_assert_uint_eq(crowd.late_p99_ns, EDO_US(99));
    ck_assert_uint_eq(crowd.late_max_ns, EDO_US(100));
}
END_TEST

START_TEST(the_picture_says_how_many_events_were_dropped)
{
    struct made_up made_up;
    char text[32768] = "";
    FILE *file = fmemopen(text, sizeof text, "w");

    make_up(&made_up);
    record(&made_up, EDO_TRACE_WAKE, 1, 0);
    record(&made_up, EDO_TRACE_WAKE, 1, 0);
    svg_write(&made_up.trace, file);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, ">2 oldest events dropped<"));
}
END_TEST

START_TEST(the_picture_of_a_crowd_has_no_row_for_each)
{
    struct made_up made_up;
    char text[16384] = "";
    FILE *file = fmemopen(text, sizeof text, "w");

    make_up(&made_up);
    svg_write(&made_up.trace, file);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(text, "tasks in flight"));
    ck_assert_ptr_nonnull(strstr(text, "51 max"));
    ck_assert_ptr_nonnull(
        strstr(text, "100 timers late by p50 0.050 ms, p99 0.099 ms, max 0.100 ms"));
    ck_assert_ptr_null(strstr(text, "<title>waiting"));
    ck_assert_str_eq(text + strlen(text) - 7, "</svg>\n");
}
END_TEST

Suite *crowd_suite(void)
{
    Suite *suite = suite_create("crowd");
    TCase *tcase = tcase_create("crowd");

    tcase_add_test(tcase, a_crowd_is_counted_over_time);
    tcase_add_test(tcase, a_crowd_of_a_thousand_years_stays_within_its_columns);
    tcase_add_test(tcase, the_picture_of_the_longest_trace_has_few_ticks);
    tcase_add_test(tcase, lateness_is_told_by_its_median_its_99th_and_its_worst);
    tcase_add_test(tcase, the_picture_says_how_many_events_were_dropped);
    tcase_add_test(tcase, the_picture_of_a_crowd_has_no_row_for_each);
    suite_add_tcase(suite, tcase);
    return suite;
}
