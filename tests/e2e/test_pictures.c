/* SPDX-License-Identifier: MIT */
/* The timeline and the SVG: what is late says why, and what failed, is stuck or busy looks so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"
#include "tape.h"
#include "terminal.h"
#include "views/svg.h"
#include "views/timeline.h"

static struct tape tape;
static char text[65536];

static void print_timeline(void)
{
    FILE *file = tmpfile();
    size_t length;

    ck_assert_ptr_nonnull(file);
    setenv("LC_ALL", "C", 1);
    fflush(stdout);
    ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
    timeline_print(&tape.trace);
    fflush(stdout);
    ck_assert_int_eq(fseek(file, 0, SEEK_SET), 0);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
}

static void draw_svg(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    ck_assert_ptr_nonnull(file);
    svg_write(&tape.trace, file);
    fclose(file);
}

static void check_has(const char *piece)
{
    ck_assert_msg(strstr(text, piece) != NULL, "no '%s' in:\n%s", piece, text);
}

static void check_has_not(const char *piece)
{
    ck_assert_msg(strstr(text, piece) == NULL, "'%s' in:\n%s", piece, text);
}

/* --- Traces made up --------------------------------------------------------------------------- */

/* Until 100 ms asleep, from 50 to 50 + `held_ms` the loop is held, at 500 ms all ends. */
static void make_up_held(const char *blocker, uint64_t held_ms)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "sleeper");
    tape_spawn(&tape, 2, blocker);
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape.now_ns = EDO_MS(50);
    tape_poll(&tape, 2, EDO_MS(held_ms));
    if (tape.now_ns < EDO_MS(100))
        tape_sleep(&tape, EDO_MS(100));
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape.now_ns += EDO_US(200);
    tape_poll(&tape, 1, 0);
    tape_done(&tape, 1, "EDO_DONE");
    tape.now_ns = EDO_MS(500);
    tape_done(&tape, 2, "EDO_DONE");
}

START_TEST(what_is_overdue_is_named_below_its_row)
{
    make_up_held("blocker", 350);
    print_timeline();
    check_has("sleeper           ##########!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!+            400.2 ms\n"
              "                            overdue: blocker held the loop 300.0 ms\n"
              "blocker           .....====================================.........+  500.0 ms\n");
    check_has("latest: timer id 7 of sleeper, 300.200 ms late: blocker held the loop 300.0 ms\n"
              "  = 0.000 ms thread did not run + 300.000 ms loop held + 0.200 ms others first\n");
}
END_TEST

START_TEST(what_is_less_than_a_column_late_is_told_below_only)
{
    make_up_held("blocker", 20);
    print_timeline();
    check_has("sleeper           ##########+                                          100.2 ms\n"
              "blocker");
    check_has_not("overdue");
    check_has("latest: timer id 7 of sleeper, 0.200 ms late: other timers came first\n");
}
END_TEST

/* Each of these is three bytes. */
START_TEST(a_name_that_is_too_long_is_cut_behind_a_character)
{
    make_up_held("\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac"
                 "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac"
                 "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac",
                 350);
    draw_svg();
    check_has("overdue: \xe6\x9d\xb1");
    check_has("\xe6\x9d\xb1\xe4\xba\xac... held the loop 300.0 ms</text>");
}
END_TEST

START_TEST(nothing_makes_a_picture_too)
{
    tape_init(&tape, TAPE_EVENTS);
    draw_svg();
    check_has("no picture: nothing was recorded</text>\n</svg>\n");
}
END_TEST

/* Three times 400 ns are 1.2 us: rounded by themselves they would come to nothing. */
START_TEST(the_parts_add_up_as_they_are_printed)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "sleeper");
    tape_spawn(&tape, 2, "other");
    tape_arm(&tape, 1, 7, EDO_MS(1));
    tape_sleep(&tape, EDO_MS(1) + 400);
    tape_poll(&tape, 2, 400);
    tape_fire(&tape, 7, EDO_MS(1));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 2, 400);
    tape_poll(&tape, 1, 0);
    print_timeline();
    check_has("latest: timer id 7 of sleeper, 0.001 ms late: the thread did not run\n"
              "  = 0.000 ms thread did not run + 0.001 ms loop held + 0.000 ms others first\n");
}
END_TEST

START_TEST(the_svg_has_a_bar_for_it_with_its_words)
{
    make_up_held("<b> & co", 350);
    draw_svg();
    ck_assert_uint_eq(occurrences(text, "<rect class=\"late\" x"), 2); /* and in the legend */
    check_has("<title>overdue: &#60;b&#62; &#38; co held the loop 300.0 ms from 100.000 to 400.200 "
              "ms</title>");
    check_has("<text class=\"on\""); /* in the bar */
    check_has("\">overdue: &#60;b&#62; &#38; co held the loop 300.0 ms</text>");
    check_has("<rect class=\"busy\"");
    check_has(">latest: timer id 7 of sleeper, 300.200 ms late: &#60;b&#62;");
    check_has(">= 0.000 ms thread did not run + 300.000 ms loop held + 0.200 ms others first<");
}
END_TEST

START_TEST(the_svg_has_words_behind_a_bar_that_is_too_narrow_for_them)
{
    make_up_held("blocker", 70);
    draw_svg();
    check_has("<text class=\"note\"");
    check_has("\">overdue: blocker held the loop 20.0 ms</text>");
    check_has_not("<text class=\"on\"");
}
END_TEST

/* Also a poll that is a column wide, where the whole takes no time to speak of. */
START_TEST(a_poll_of_less_than_a_ms_is_not_busy)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "task");
    tape_poll(&tape, 1, EDO_US(900));
    tape_done(&tape, 1, "EDO_DONE");
    print_timeline();
    check_has_not("=");
    draw_svg();
    check_has_not("class=\"busy\"");
}
END_TEST

static void make_up_ends(void)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "failing");
    tape_spawn(&tape, 2, "cancelled");
    tape_spawn(&tape, 3, "stuck");
    tape_poll(&tape, 3, 0);
    tape.now_ns = EDO_MS(100);
    tape_done(&tape, 1, "EDO_FAILED")->arg = ENOSPC;
    tape_done(&tape, 2, "EDO_CANCELLED");
    tape_record(&tape, EDO_TRACE_STUCK, 0);
    tape_done(&tape, 3, "EDO_CANCELLED"); /* since the runtime was closed */
}

START_TEST(what_is_stuck_looks_neither_cancelled_nor_done)
{
    make_up_ends();
    print_timeline();
    check_has(".x  100.0 ms\ncancelled");
    check_has(".o  100.0 ms\nstuck");
    check_has("stuck             ?????????????????????????????????????"
              "??????????????  100.0 ms\n");
    check_has("? waits for ever");
}
END_TEST

START_TEST(the_svg_shows_who_failed_and_who_is_stuck)
{
    make_up_ends();
    draw_svg();
    ck_assert_uint_eq(occurrences(text, "<rect class=\"failed\" x"), 2); /* and in the legend */
    ck_assert_uint_eq(occurrences(text, "<rect class=\"stuck\" x"), 2);
    check_has(">100.0 ms \xe2\x9c\x97 ENOSPC</text>");
    check_has(">100.0 ms \xe2\x97\x8b cancelled</text>");
    check_has(">100.0 ms stuck</text>");
    check_has(">nothing can wake it any more</text>");
}
END_TEST

START_TEST(a_deadline_before_the_trace_begins_is_overdue_from_its_beginning)
{
    tape_init(&tape, TAPE_EVENTS);
    tape.now_ns = EDO_MS(500);
    tape_spawn(&tape, 1, "sleeper");
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape.now_ns = EDO_MS(600);
    tape_poll(&tape, 1, 0);
    tape_done(&tape, 1, "EDO_DONE");
    print_timeline();
    check_has("sleeper           *!!!!!!!!!!!!!!!!!");
    draw_svg();
    check_has(" from 0.000 to 100.000 ms</title>");
}
END_TEST

START_TEST(a_task_whose_beginning_was_dropped_has_a_row)
{
    make_up_held("blocker", 350);
    tape_init(&tape, 6);
    tape_spawn(&tape, 1, "sleeper");
    tape_arm(&tape, 1, 7, EDO_MS(100));
    tape.now_ns = EDO_MS(20);
    tape_record(&tape, EDO_TRACE_ENTER, 0);
    tape.now_ns = EDO_MS(120);
    tape_record(&tape, EDO_TRACE_LEAVE, 0);
    tape_fire(&tape, 7, EDO_MS(100));
    tape_wake(&tape, 1, 7);
    tape_poll(&tape, 1, 0);
    print_timeline();
    check_has("sleeper           ########################################!!!!!!!!!!*  100.0 ms\n");
    check_has("overdue: the thread did not run\n");
    check_has("the 2 oldest events were dropped\n");
    draw_svg();
    check_has(">sleeper</text>");
    check_has("<title>overdue: the thread did not run from 80.000 to 100.000 ms</title>");
}
END_TEST

START_TEST(of_many_that_are_overdue_in_one_row_the_first_are_named)
{
    tape_init(&tape, TAPE_EVENTS);
    tape_spawn(&tape, 1, "sleeper");
    for (uint32_t id = 1; id <= 5; id++) {
        tape_arm(&tape, 1, id, tape.now_ns + EDO_MS(50));
        tape_sleep(&tape, tape.now_ns + EDO_MS(100));
        tape_fire(&tape, id, tape.now_ns - EDO_MS(50));
        tape_wake(&tape, 1, id);
        tape_poll(&tape, 1, 0);
    }
    print_timeline();
    ck_assert_uint_eq(occurrences(text, "overdue: the thread did not run\n"), 3);
    check_has("... and 2 more\n");
}
END_TEST

/* --- Real runs -------------------------------------------------------------------------------- */

static void run(struct process *process, const char *command)
{
    process_start(process, command);
    process_finish(process);
    ck_assert_msg(process->status == 0, "%s", process->err);
}

/* Where all three of phase 2 are asleep. */
static const char stop_it[] =
    "out=$(mktemp); svg=$(mktemp); LC_ALL=C.UTF-8 $DEMO --svg $svg >$out &"
    "until grep -q '(3)   sleeps' $out; do sleep 0.01; done;"
    "kill -STOP $!; sleep 0.5; kill -CONT $!; wait $!; cat $out; cat $svg >&2; rm $out $svg";

START_TEST(a_process_that_was_stopped_says_that_the_thread_did_not_run)
{
    static struct process process;
    const char *latest;
    double late_ms;
    int id;

    run(&process, stop_it);
    ck_assert_msg(strstr(process.out, "!!!!") != NULL, "%s", process.out);
    ck_assert_ptr_nonnull(strstr(process.out, " overdue: the thread did not run\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "<title>overdue: the thread did not run from "));
    tape_check_latest(process.out);
    latest = strstr(process.out, "\nlatest: ");
    ck_assert_int_eq(
        sscanf(latest, "\nlatest: timer id %d of async_task(%*d), %lf ms late", &id, &late_ms), 2);
    ck_assert_double_ge(late_ms, 100);
    ck_assert_ptr_nonnull(strstr(latest, "late: the thread did not run\n"));
}
END_TEST

/* On a busy machine the thread may not run when the blocker is due. Then the first tick that is
 * late comes due in the same look as the blocker, which came first. */
START_TEST(a_call_that_blocks_is_named)
{
    static struct process process;
    bool is_named = false;

    for (int attempt = 0; attempt < 20 && !is_named; attempt++) {
        run(&process, "LC_ALL=C exec $(dirname \"$DEMO\")/lessons/blocked-loop");
        tape_check_latest(process.out);
        is_named = strstr(process.out, " overdue: blocker held the loop ") != NULL &&
                   strstr(process.out, "late: blocker held the loop ") != NULL;
    }
    ck_assert_msg(is_named, "%s", process.out);
}
END_TEST

/* No name to cut off at the end of the line, none of the words lost. */
START_TEST(it_fits_into_the_terminal_with_all_its_words)
{
    static const unsigned widths[] = {30, 38, 40, 50, 60, 80, 120, 220};
    static struct process process;
    size_t length = 0;

    terminal_start(&process,
                   "LC_ALL=C TERM=dumb exec $(dirname \"$DEMO\")/lessons/blocked-loop --virtual",
                   widths[_i]);
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 0);
    *strstr(process.out, "\nAnswer:") = '\0';
    for (char *line = strtok(strstr(process.out, "\nms "), "\r\n"); line != NULL;
         line = strtok(NULL, "\r\n")) {
        ck_assert_msg(strlen(line) < widths[_i], "%s", line);
        length += (size_t)sprintf(text + length, "%s ", line);
    }
    check_has("!");
    for (char *at = text; (at = strstr(at, "  ")) != NULL;)
        memmove(at, at + 1, strlen(at));
    check_has("overdue: blocker held the loop 130.0 ms");
    check_has("latest: timer id 4 of ticker, 130.000 ms late: blocker held the loop 130.0 ms = "
              "0.000 ms thread did not run + 130.000 ms loop held + 0.000 ms others first");
}
END_TEST

START_TEST(a_row_that_failed_is_red_and_what_is_overdue_has_a_colour_of_its_own)
{
    static struct process process;

    terminal_start(&process, "LC_ALL=C TERM=xterm NO_COLOR= exec $DEMO --virtual --fail 2", 80);
    terminal_finish(&process);
    ck_assert_ptr_nonnull(strstr(process.out, "\033[31m#"));
    ck_assert_ptr_nonnull(strstr(process.out, "\033[94m#"));
    terminal_start(
        &process,
        "LC_ALL=C TERM=xterm NO_COLOR= exec $(dirname \"$DEMO\")/lessons/blocked-loop --virtual",
        80);
    terminal_finish(&process);
    ck_assert_ptr_nonnull(strstr(process.out, "\033[1;35m!"));
    ck_assert_ptr_nonnull(strstr(process.out, "\033[1;35m  "));
}
END_TEST

Suite *pictures_suite(void)
{
    Suite *suite = suite_create("pictures");
    TCase *made_up = tcase_create("made_up");
    TCase *real = tcase_create("real");

    tcase_add_test(made_up, what_is_overdue_is_named_below_its_row);
    tcase_add_test(made_up, what_is_less_than_a_column_late_is_told_below_only);
    tcase_add_test(made_up, a_name_that_is_too_long_is_cut_behind_a_character);
    tcase_add_test(made_up, nothing_makes_a_picture_too);
    tcase_add_test(made_up, the_parts_add_up_as_they_are_printed);
    tcase_add_test(made_up, the_svg_has_a_bar_for_it_with_its_words);
    tcase_add_test(made_up, the_svg_has_words_behind_a_bar_that_is_too_narrow_for_them);
    tcase_add_test(made_up, a_poll_of_less_than_a_ms_is_not_busy);
    tcase_add_test(made_up, what_is_stuck_looks_neither_cancelled_nor_done);
    tcase_add_test(made_up, the_svg_shows_who_failed_and_who_is_stuck);
    tcase_add_test(made_up, a_deadline_before_the_trace_begins_is_overdue_from_its_beginning);
    tcase_add_test(made_up, a_task_whose_beginning_was_dropped_has_a_row);
    tcase_add_test(made_up, of_many_that_are_overdue_in_one_row_the_first_are_named);
    suite_add_tcase(suite, made_up);

    tcase_add_test(real, a_process_that_was_stopped_says_that_the_thread_did_not_run);
    tcase_add_test(real, a_call_that_blocks_is_named);
    tcase_add_loop_test(real, it_fits_into_the_terminal_with_all_its_words, 0, 8);
    tcase_add_test(real, a_row_that_failed_is_red_and_what_is_overdue_has_a_colour_of_its_own);
    suite_add_tcase(suite, real);
    return suite;
}
