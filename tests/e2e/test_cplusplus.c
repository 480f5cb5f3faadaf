/* SPDX-License-Identifier: MIT */
/* edo from C++: its headers, and the lesson that awaits from both sides. Where there is no compiler
 * for it, that is said, and nothing tested. */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum { MOST_LINES = 120 };

START_TEST(each_header_is_cplusplus_17_and_20_without_a_warning)
{
    struct process process;

    process_start(&process, "exec scripts/check-cplusplus");
    process_finish(&process);
    fputs(process.out, stdout); /* what was left out */
    ck_assert_msg(process.status == 0, "%s", process.err);
}
END_TEST

/* Whether `program` is there, below the folder of the demo. Then it was run by `command`. */
static bool run(struct process *process, const char *program, const char *command)
{
    char whole[512];

    snprintf(whole, sizeof whole,
             "program=$(dirname \"$DEMO\")/%s; [ -x \"$program\" ] || exit 77; export LC_ALL=C; %s",
             program, command);
    process_start(process, whole);
    process_finish(process);
    if (process->status == 77)
        printf("cplusplus: left out, there is no %s\n", program);
    return process->status != 77;
}

START_TEST(coroutines_end_in_every_way_and_leave_no_frame)
{
    static const char *const commands[] = {"\"$program\" fd", "\"$program\" wheel"};
    struct process process;

    if (!run(&process, "coroutines", commands[_i]))
        return;
    ck_assert_msg(process.status == 0, "%s", process.err);
    ck_assert_str_eq(process.err, "");
}
END_TEST

START_TEST(the_lesson_prints_what_is_expected)
{
    static const char *const commands[] = {"\"$program\" --virtual",
                                           "\"$program\" --virtual --timers=wheel"};
    struct process process, expected;

    process_start(&expected, "cat tests/e2e/lessons/coroutine.out");
    process_finish(&expected);
    if (!run(&process, "lessons/coroutine", commands[_i]))
        return;
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, expected.out);
}
END_TEST

START_TEST(left_in_the_middle_it_frees_its_frame)
{
    struct process process;

    if (!run(&process, "lessons/coroutine", "printf '\\nq\\n' | \"$program\" --virtual --step"))
        return;
    ck_assert_msg(process.status == 0, "%s", process.err);
    ck_assert_uint_eq(occurrences(process.out, "completed"), 0);
    ck_assert_uint_eq(occurrences(process.out, "frame           is freed\n"), 1);
    ck_assert_ptr_nonnull(strstr(process.out, "\ncancelled, and all is let go of\n"));
}
END_TEST

/* But for the frame, which is no allocation there. */
START_TEST(by_hand_in_c_it_prints_the_same)
{
    struct process process, expected;

    process_start(&expected, "grep -v 'frame  .*is freed$' tests/e2e/lessons/coroutine.out");
    process_finish(&expected);
    ck_assert(run(&process, "lessons/by-hand", "\"$program\" --virtual"));
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, expected.out);
}
END_TEST

/* K8: no fd is left for a timer. */
START_TEST(a_failed_sleep_fails_the_coroutine)
{
    struct process process;

    if (!run(&process, "lessons/coroutine", "ulimit -n 4; \"$program\" --virtual"))
        return;
    ck_assert_int_eq(process.status, 1);
    ck_assert_uint_eq(occurrences(process.out, "frame           is freed\n"), 1);
    ck_assert_ptr_nonnull(strstr(process.out, "fetch_all(2): EMFILE\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "not go as the lesson intends"));
}
END_TEST

/* Beside the line of its licence. */
START_TEST(the_lesson_has_120_lines_at_most)
{
    struct process process;

    process_start(&process, "cat demo/lessons/coroutine/coroutine.cc");
    process_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_le(occurrences(process.out, "\n") - 1, MOST_LINES);
}
END_TEST

Suite *cplusplus_suite(void)
{
    Suite *suite = suite_create("cplusplus");
    TCase *headers = tcase_create("headers");
    TCase *coroutines = tcase_create("coroutines");

    tcase_add_test(headers, each_header_is_cplusplus_17_and_20_without_a_warning);
    tcase_set_timeout(headers, 600); /* it compiles for long */
    suite_add_tcase(suite, headers);
    tcase_add_loop_test(coroutines, coroutines_end_in_every_way_and_leave_no_frame, 0, 2);
    tcase_add_loop_test(coroutines, the_lesson_prints_what_is_expected, 0, 2);
    tcase_add_test(coroutines, by_hand_in_c_it_prints_the_same);
    tcase_add_test(coroutines, left_in_the_middle_it_frees_its_frame);
    tcase_add_test(coroutines, a_failed_sleep_fails_the_coroutine);
    tcase_add_test(coroutines, the_lesson_has_120_lines_at_most);
    suite_add_tcase(suite, coroutines);
    return suite;
}
