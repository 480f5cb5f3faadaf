/* SPDX-License-Identifier: MIT */
/* The demo interrupted by Ctrl-C, kill and a terminal that is closed (D27). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"
#include "terminal.h"

static struct process process;
static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/edo-interrupt-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("FOLDER", folder, 1);
}

static void remove_folder(void)
{
    struct process removal;

    process_start(&removal, "rm -r \"$FOLDER\"");
    process_finish(&removal);
}

/* The text of a file in the folder. */
static const char *text_of(const char *name)
{
    static char text[65536];
    char path[128];
    FILE *file;
    size_t length;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void check_end(const char *text, const char *end)
{
    ck_assert_uint_ge(strlen(text), strlen(end));
    ck_assert_str_eq(text + strlen(text) - strlen(end), end);
}

#define VIEWS "--trace $FOLDER/trace --svg $FOLDER/svg --chrome $FOLDER/chrome"

static void check_views(void)
{
    const char *trace = text_of("trace");

    ck_assert_ptr_nonnull(strstr(trace, "\tarm\t4\t4\t"));
    ck_assert_ptr_null(strstr(trace, "\tdone\t4\t")); /* async_task(3) is still asleep */
    check_end(trace, "\t0\tinterrupted\n");
    ck_assert_ptr_nonnull(strstr(text_of("svg"), ">async_task(3)</text>"));
    check_end(text_of("svg"), "</svg>\n");
    check_end(text_of("chrome"), "\n]}\n");
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

enum { SIGNALS = sizeof signals / sizeof signals[0] };

START_TEST(what_was_recorded_is_written_and_the_signal_kills)
{
    int by = signals[_i % SIGNALS];

    terminal_start(&process,
                   _i < SIGNALS ? "exec $DEMO " VIEWS : "exec $DEMO --timers=wheel " VIEWS, 80);
    ck_assert(terminal_wait_for(&process, "timer id 4\n"));
    ck_assert_int_eq(kill(process.pid, by), 0);
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 128 + by);
    check_end(process.out, "\n");
    check_views();
}
END_TEST

START_TEST(ctrl_c_at_the_step_prompt_ends_its_line_and_does_the_same)
{
    terminal_start(&process, "exec $DEMO --step " VIEWS, 80);
    ck_assert(terminal_wait_for(&process, "q: quit] "));
    terminal_type(&process, "\n");
    ck_assert(terminal_wait_for(&process, ", the next\n  waiting: async_main at "
                                          "MAIN_AWAITS_FETCH\n  [Enter: one turn, c: to the end, "
                                          "q: quit] "));
    terminal_type(&process, "c\003"); /* a letter, but no line yet */
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 128 + SIGINT);
    check_end(process.out, "q: quit] \n");
    ck_assert_ptr_nonnull(strstr(text_of("trace"), "\tarm\t1\t1\t"));
    check_end(text_of("svg"), "</svg>\n");
}
END_TEST

/* The first one waits for somebody to read what it writes. */
START_TEST(the_second_signal_kills_at_once)
{
    char path[128];

    snprintf(path, sizeof path, "%s/svg", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    terminal_start(&process, "exec $DEMO --svg $FOLDER/svg", 80);
    ck_assert(terminal_wait_for(&process, "timer id 4\n"));
    while (kill(process.pid, SIGINT) == 0) /* until it is gone */
        usleep(10 * 1000);
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 128 + SIGINT);
}
END_TEST

/* As nohup(1) and a shell's background jobs have it. */
START_TEST(a_signal_that_is_ignored_stays_so)
{
    terminal_start(&process, "trap '' INT HUP; exec $DEMO " VIEWS, 80);
    ck_assert(terminal_wait_for(&process, "timer id 4\n"));
    kill(process.pid, SIGINT);
    kill(process.pid, SIGHUP);
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "process_item(2) completed\n"));
}
END_TEST

/* Progress is shown from a second on, so it is stopped for as long; where it was too slow to have
 * begun, or is too fast to be caught, there is nothing to see. */
START_TEST(a_line_of_progress_is_ended)
{
    terminal_start(&process, "exec $DEMO --tasks 500000 --timers=wheel", 80);
    usleep(100 * 1000);
    kill(process.pid, SIGSTOP);
    usleep(1000 * 1000);
    kill(process.pid, SIGCONT);
    if (terminal_wait_for(&process, "% of the tasks "))
        terminal_type(&process, "\003");
    terminal_finish(&process);
    if (process.status == 0)
        return;
    ck_assert_int_eq(process.status, 128 + SIGINT);
    check_end(process.out, "\n");
}
END_TEST

Suite *interrupt_suite(void)
{
    Suite *suite = suite_create("interrupt");
    TCase *tcase = tcase_create("interrupt");

    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_loop_test(tcase, what_was_recorded_is_written_and_the_signal_kills, 0, 2 * SIGNALS);
    tcase_add_test(tcase, ctrl_c_at_the_step_prompt_ends_its_line_and_does_the_same);
    tcase_add_test(tcase, the_second_signal_kills_at_once);
    tcase_add_test(tcase, a_signal_that_is_ignored_stays_so);
    tcase_add_test(tcase, a_line_of_progress_is_ended);
    suite_add_tcase(suite, tcase);
    return suite;
}
