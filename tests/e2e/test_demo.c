/* SPDX-License-Identifier: MIT */
/* The demo from outside, on the real clock: order, values, lower bounds, and how it fails. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "program.h"
#include "suites.h"
#include "terminal.h"

/* Each takes half a second, so they are all started at once, before the first test. */
enum run {
    PLAIN,
    PIPED,
    QUIET,
    FAIL_1,
    FAIL_2_NAMED,
    FAIL_3,
    ONE_TIMERFD,
    NO_FD,
    NO_FD_VIRTUAL,
    STOPPED,
    FULL,
    CLOSED,
    CLOSED_STDIN,
    VIRTUAL,
    VIRTUAL_AGAIN,
    VIRTUAL_SLOW,
    SPUN,
    SPUN_CROWD,
    RUNS
};

static const char *const commands[RUNS] = {
    [PLAIN] = "exec $DEMO",
    [PIPED] = "$DEMO | cat",
    [QUIET] = "exec $DEMO --quiet",
    [FAIL_1] = "exec $DEMO --fail 1",
    [FAIL_2_NAMED] = "exec $DEMO --fail 2:ETIMEDOUT",
    [FAIL_3] = "exec $DEMO --fail=3:EIO",
    [ONE_TIMERFD] = "ulimit -n 5; exec $DEMO",
    [NO_FD] = "ulimit -n 4; exec $DEMO",
    [NO_FD_VIRTUAL] = "ulimit -n 4; exec $DEMO --virtual --quiet",
    [STOPPED] = "exec $DEMO",
    [FULL] = "exec $DEMO >/dev/full",
    [CLOSED] = "exec $DEMO >&-",
    [CLOSED_STDIN] = "exec $DEMO <&-",
    [VIRTUAL] = "exec $DEMO --virtual",
    [VIRTUAL_AGAIN] = "exec $DEMO --virtual",
    [VIRTUAL_SLOW] =
        "$DEMO --virtual | while read -r line; do sleep 0.01; printf '%s\\n' \"$line\"; done",
    [SPUN] = "exec $DEMO --spin",
    [SPUN_CROWD] = "exec $DEMO --spin --tasks 10 --no-timeline",
};

static struct process runs[RUNS];

static void run_all(void)
{
    for (int i = 0; i < RUNS; i++)
        process_start(&runs[i], commands[i]);
    /* E1: stopped and continued in the middle of its waits */
    for (int i = 0; i < 5; i++) {
        usleep(30 * 1000);
        kill(runs[STOPPED].pid, SIGSTOP);
        usleep(10 * 1000);
        kill(runs[STOPPED].pid, SIGCONT);
    }
    for (int i = 0; i < RUNS; i++)
        process_finish(&runs[i]);
}

/* The text of the line that begins, after its time, with `what`; the time goes to *ms. */
static const char *find_line(const char *text, const char *what, double *ms)
{
    char who[64];
    const char *at = strstr(text, what);

    ck_assert_msg(at != NULL, "no line with '%s' in:\n%s", what, text);
    while (at > text && at[-1] != '\n')
        at--;
    ck_assert_msg(sscanf(at, "%lf ms %63s", ms, who) == 2, "no time in: %.80s", at);
    return at;
}

static double time_of(const char *text, const char *what)
{
    double ms;

    find_line(text, what, &ms);
    return ms;
}

/* The lines as they are expected, the times left out. */
static const char *const expected[] = {
    "Phase 1, sequential: await one future",
    "fetch_data(1)   started",
    "fetch_data(1)   sleeps 100 ms, timer id 1",
    "fetch_data(1)   completed: Data_1",
    "Phase 2, parallel: spawn three tasks and join them",
    "async_task(1)   started",
    "async_task(1)   sleeps 100 ms, timer id 2",
    "async_task(2)   started",
    "async_task(2)   sleeps 200 ms, timer id 3",
    "async_task(3)   started",
    "async_task(3)   sleeps 300 ms, timer id 4",
    "async_task(1)   completed: 10",
    "async_task(2)   completed: 20",
    "async_task(3)   completed: 30",
    "async_main      joined, values: 10, 20, 30",
    "Phase 3, sequential loop: three items, each after the one before",
    "process_item(0) started",
    "process_item(0) sleeps 50 ms, timer id 5",
    "process_item(0) completed",
    "process_item(1) started",
    "process_item(1) sleeps 50 ms, timer id 6",
    "process_item(1) completed",
    "process_item(2) started",
    "process_item(2) sleeps 50 ms, timer id 7",
    "process_item(2) completed",
    "",
};

/* Nothing on stderr, but for what a slow machine may bring about. */
static void check_silent(const struct process *process)
{
    const char *at = process->err;

    for (; *at != '\0'; at += strcspn(at, "\n") + 1)
        ck_assert_msg(strncmp(at, "warning: ", 9) == 0, "%s", at);
}

static void check_order(const struct process *process)
{
    const char *at = process->out;

    check_silent(process);
    ck_assert_int_eq(process->status, 0);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char line[128] = "";
        double ms;
        int text_at = 0;

        ck_assert_int_ge(sscanf(at, "%127[^\n]", line), *at == '\n' ? 0 : 1);
        if (sscanf(line, "%lf ms %n", &ms, &text_at) < 1)
            text_at = 0;
        ck_assert_str_eq(line + text_at, expected[i]);
        at += strlen(line) + 1;
    }
    ck_assert_int_eq(strncmp(at, "phase ", 6), 0);
}

START_TEST(the_three_phases_run_in_order_and_give_their_values)
{
    check_order(&runs[PLAIN]);
}
END_TEST

START_TEST(it_prints_the_same_into_a_pipe)
{
    check_order(&runs[PIPED]);
}
END_TEST

START_TEST(it_runs_without_standard_input)
{
    check_order(&runs[CLOSED_STDIN]);
}
END_TEST

/* E1 */
START_TEST(being_stopped_and_continued_changes_nothing)
{
    check_order(&runs[STOPPED]);
    ck_assert_double_ge(time_of(runs[STOPPED].out, "process_item(2) completed"), 550.0);
}
END_TEST

/* T4 */
START_TEST(nothing_is_early)
{
    const char *out = runs[PLAIN].out;
    double fetched = time_of(out, "fetch_data(1)   completed");
    double spawned = time_of(out, "async_task(3)   started");
    double joined = time_of(out, "async_main      joined");

    ck_assert_double_ge(fetched, 100.0);
    /* 0.2: two times, each rounded to 0.1. */
    ck_assert_double_ge(time_of(out, "async_task(1)   completed") - spawned, 100.0 - 0.2);
    ck_assert_double_ge(time_of(out, "async_task(2)   completed") - spawned, 200.0 - 0.2);
    ck_assert_double_ge(time_of(out, "async_task(3)   completed") - spawned, 300.0 - 0.2);
    ck_assert_double_ge(time_of(out, "process_item(0) completed") - joined, 50.0 - 0.2);
    ck_assert_double_ge(time_of(out, "process_item(1) completed") - joined, 100.0 - 0.2);
    ck_assert_double_ge(time_of(out, "process_item(2) completed") - joined, 150.0 - 0.2);
}
END_TEST

/* No phase is shorter than its sleeps. */
static double check_row(const char *out, const char *name, double ideal)
{
    const char *at = strstr(out, name);
    double ideal_ms, measured_ms, difference_ms, late_ms;

    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at + strlen(name), "%lf ms %lf ms %lf ms %lf ms", &ideal_ms,
                            &measured_ms, &difference_ms, &late_ms),
                     4);
    ck_assert_double_eq_tol(ideal_ms, ideal, 0.01);
    ck_assert_double_ge(measured_ms, ideal);
    ck_assert_double_ge(difference_ms, 0);
    ck_assert_double_eq_tol(difference_ms, measured_ms - ideal_ms, 0.15);
    ck_assert_double_ge(late_ms, 0);
    return late_ms;
}

/* Of each phase the latest, of all the latest of these. */
START_TEST(the_table_says_how_late_the_latest_timer_was)
{
    const char *out = runs[STOPPED].out;
    double late_ms = check_row(out, "\nsequential", 100);
    double parallel_ms = check_row(out, "\nparallel", 300);
    double loop_ms = check_row(out, "\nsequential loop", 150);

    late_ms = parallel_ms > late_ms ? parallel_ms : late_ms;
    late_ms = loop_ms > late_ms ? loop_ms : late_ms;
    ck_assert_double_eq_tol(check_row(out, "\nin all", 550), late_ms, 0.01);
}
END_TEST

START_TEST(quiet_prints_only_the_table)
{
    const char *out = runs[QUIET].out;
    double asleep, cpu_ms;

    ck_assert_int_eq(runs[QUIET].status, 0);
    ck_assert_int_eq(strncmp(out, "phase ", 6), 0);
    check_row(out, "\nsequential", 100);
    check_row(out, "\nparallel", 300);
    check_row(out, "\nsequential loop", 150);
    check_row(out, "\nin all", 550);
    ck_assert_ptr_nonnull(strstr(out, "(600.0 ms one after another)"));
    ck_assert_int_eq(sscanf(strstr(out, "asleep"),
                            "asleep in epoll_wait %lf %% of the time, CPU "
                            "time used %lf ms",
                            &asleep, &cpu_ms),
                     2);
    ck_assert_double_gt(asleep, 0.0);
    ck_assert_double_gt(cpu_ms, 0.0);
}
END_TEST

/* What the host has stolen may follow. */
START_TEST(with_spin_it_says_for_how_long_the_thread_has_watched_the_clock)
{
    const char *out = runs[SPUN].out, *crowd = strstr(runs[SPUN_CROWD].out, "\nwatched");
    double asleep, watched, cpu_ms;

    check_order(&runs[SPUN]);
    check_row(out, "\nin all", 550);
    ck_assert_int_eq(sscanf(strstr(out, "asleep in"),
                            "asleep in epoll_wait %lf %%, watched the clock %lf %% of the "
                            "time,\nCPU time used %lf ms",
                            &asleep, &watched, &cpu_ms),
                     3);
    ck_assert_double_gt(asleep, 0.0);
    ck_assert_double_ge(watched, 0.0);
    ck_assert_double_le(asleep + watched, 100.1);
    ck_assert_double_gt(cpu_ms, 0.0);
    ck_assert_int_eq(runs[SPUN_CROWD].status, 0);
    ck_assert_ptr_nonnull(crowd);
    ck_assert_int_eq(sscanf(crowd, "\nwatched the clock %lf %% of the time", &watched), 1);
    ck_assert_ptr_null(strstr(runs[PLAIN].out, "watched"));
    ck_assert_ptr_null(strstr(runs[PLAIN].out, "stolen"));
}
END_TEST

START_TEST(a_task_that_fails_half_way_is_handled_and_the_others_go_on)
{
    const char *out = runs[FAIL_2_NAMED].out;

    ck_assert_int_eq(runs[FAIL_2_NAMED].status, 0);
    ck_assert_ptr_nonnull(strstr(out, "async_task(2)   sleeps 100 ms"));
    ck_assert_ptr_nonnull(strstr(out, "async_task(2)   failed: ETIMEDOUT\n"));
    ck_assert_ptr_nonnull(strstr(out, "async_task(2) failed: ETIMEDOUT\n"));
    ck_assert_ptr_nonnull(strstr(out, "joined, values: 10, 30\n"));
    ck_assert_ptr_nonnull(strstr(out, "process_item(2) completed"));
}
END_TEST

START_TEST(any_of_the_three_can_fail)
{
    ck_assert_int_eq(runs[FAIL_1].status, 0);
    ck_assert_ptr_nonnull(strstr(runs[FAIL_1].out, "async_task(1) failed: EIO"));
    ck_assert_ptr_nonnull(strstr(runs[FAIL_1].out, "joined, values: 20, 30\n"));
    ck_assert_int_eq(runs[FAIL_3].status, 0);
    ck_assert_ptr_nonnull(strstr(runs[FAIL_3].out, "async_task(3) failed: EIO"));
    ck_assert_ptr_nonnull(strstr(runs[FAIL_3].out, "joined, values: 10, 20\n"));
}
END_TEST

/* K8: 0, 1, 2, epoll, and one fd for a timer. */
START_TEST(with_one_fd_left_the_tasks_that_get_none_fail_and_all_else_goes_on)
{
    const char *out = runs[ONE_TIMERFD].out;

    if (getenv("EDO_EMULATED") != NULL) /* the emulator has fds, too */
        return;
    ck_assert_int_eq(runs[ONE_TIMERFD].status, 1);
    ck_assert_ptr_nonnull(strstr(out, "fetch_data(1)   completed: Data_1"));
    ck_assert_ptr_nonnull(strstr(out, "async_task(2) failed: EMFILE"));
    ck_assert_ptr_nonnull(strstr(out, "async_task(3) failed: EMFILE"));
    ck_assert_ptr_nonnull(strstr(out, "joined, values: 10\n"));
    ck_assert_ptr_nonnull(strstr(out, "process_item(2) completed"));
}
END_TEST

/* K8 */
START_TEST(with_no_fd_left_every_sleep_fails_and_the_program_still_ends)
{
    const char *out = runs[NO_FD].out;

    ck_assert_int_eq(runs[NO_FD].status, 1);
    ck_assert_ptr_nonnull(strstr(out, "fetch_data(1)   failed: EMFILE"));
    ck_assert_ptr_nonnull(strstr(out, "joined, values: none"));
    ck_assert_ptr_nonnull(strstr(out, "process_item(2) failed: EMFILE"));
    ck_assert_ptr_nonnull(strstr(out, "\nin all "));
}
END_TEST

/* D22: what was not slept is no ideal, so that a row never looks early. */
START_TEST(the_table_counts_only_what_was_slept)
{
    const char *out = runs[ONE_TIMERFD].out;

    if (getenv("EDO_EMULATED") != NULL)
        return;
    check_row(out, "\nsequential", 100);
    check_row(out, "\nparallel", 100); /* one of three had a timer */
    check_row(out, "\nsequential loop", 150);
    check_row(out, "\nin all", 350);
    ck_assert_ptr_nonnull(strstr(out, "(100.0 ms one after another)"));
    check_row(runs[NO_FD].out, "\nparallel", 0);
    check_row(runs[FAIL_1].out, "\nparallel", 300);
    check_row(runs[FAIL_3].out, "\nparallel", 200); /* it fails half-way */
    check_row(runs[STOPPED].out, "\nin all", 550);
    check_row(runs[NO_FD].out, "\nin all", 0);
}
END_TEST

/* D21 */
START_TEST(a_run_that_took_no_time_at_all_has_a_table)
{
    const char *out = runs[NO_FD_VIRTUAL].out;

    ck_assert_int_eq(runs[NO_FD_VIRTUAL].status, 1);
    ck_assert_ptr_null(strstr(out, "nan"));
    ck_assert_ptr_nonnull(strstr(out, "asleep in epoll_wait 0.0 % of the time"));
}
END_TEST

START_TEST(a_full_or_closed_standard_output_is_an_error)
{
    ck_assert_int_eq(runs[FULL].status, 1);
    ck_assert_ptr_nonnull(strstr(runs[FULL].err, "standard output could not be written"));
    ck_assert_int_eq(runs[CLOSED].status, 1);
    ck_assert_ptr_nonnull(strstr(runs[CLOSED].err, "standard output: Bad file descriptor"));
}
END_TEST

START_TEST(virtual_time_is_exact_and_every_run_prints_the_same)
{
    const char *out = runs[VIRTUAL].out;

    check_order(&runs[VIRTUAL]);
    ck_assert_ptr_nonnull(
        strstr(out, "\nin all           550.0 ms   550.0 ms     +0.0 ms    0.0 ms\n"));
    ck_assert_ptr_nonnull(strstr(out, "\n550.0 ms process_item(2) completed\n"));
    ck_assert_str_eq(runs[VIRTUAL_AGAIN].out, out);
}
END_TEST

/* 80 columns, in ASCII. */
static const char *const timeline =
    "ms                  0        100     200      300      400      500\n"
    "async_main          .........*.......*.................*...*....*...+  550.0 ms\n"
    "  sequential        ----------                                         100.0 ms\n"
    "    fetch_data(1)   #########+                                         100.0 ms\n"
    "  parallel                   ---------------------------               300.0 ms\n"
    "    async_task(1)            ########+                                 100.0 ms\n"
    "    async_task(2)            ########x                                 100.0 ms\n"
    "    async_task(3)            ##########################+               300.0 ms\n"
    "  sequential loop                                      --------------  150.0 ms\n"
    "    process_item(0)                                    ####+            50.0 ms\n"
    "    process_item(1)                                        #####+       50.0 ms\n"
    "    process_item(2)                                             ####+   50.0 ms\n"
    "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
    "latest: no timer was late\n";

START_TEST(the_timeline_shows_who_slept_who_waited_and_who_failed)
{
    struct process process;
    char *at;

    process_start(&process, "LC_ALL=C exec $DEMO --virtual --fail 2");
    process_finish(&process);
    at = strstr(process.out, "\nms ");
    ck_assert_ptr_nonnull(at);
    ck_assert_str_eq(at + 1, timeline);
}
END_TEST

START_TEST(the_timeline_has_no_colour_outside_a_terminal_and_can_be_left_out)
{
    struct process process;

    process_start(&process, "LC_ALL=C.UTF-8 exec $DEMO --virtual");
    process_finish(&process);
    ck_assert_ptr_nonnull(strstr(process.out, "░░░░░•░░░░"));
    ck_assert_ptr_nonnull(strstr(process.out, "█████████✓"));
    ck_assert_ptr_null(strchr(process.out, '\033'));
    process_start(&process, "exec $DEMO --virtual --no-timeline");
    process_finish(&process);
    ck_assert_ptr_null(strstr(process.out, "asleep on a timer"));
}
END_TEST

enum { NARROWEST = 30 };

static const unsigned widths[] = {NARROWEST, 38, 40, 59, 60, 75, 76, 77, 80, 120, 300};

/* Of the longest line. */
static unsigned width_of(const char *text)
{
    unsigned column = 0, widest = 0;

    for (; *text != '\0'; text++) {
        column = *text == '\n' ? 0 : column + (((unsigned char)*text & 0xc0) != 0x80);
        widest = column > widest ? column : widest;
    }
    return widest;
}

/* D26: as wide as the terminal and no wider, the legend too. */
START_TEST(the_timeline_fits_into_the_terminal)
{
    static struct process process;
    unsigned widest;

    terminal_start(&process, "LC_ALL=C.UTF-8 TERM=dumb exec $DEMO --virtual", widths[_i]);
    terminal_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_msg(strstr(process.out, "\nms ") != NULL, "%s", process.out);
    widest = width_of(strstr(process.out, "\nms "));
    ck_assert_uint_le(widest, widths[_i]);
    ck_assert_uint_ge(widest, widths[_i] < 200 ? widths[_i] - 2 : 200);
    ck_assert_ptr_nonnull(strstr(process.out, "failed"));
}
END_TEST

/* D26: from 38 columns on. */
START_TEST(the_table_fits_into_the_terminal)
{
    static const char *const kinds[] = {
        "exec $DEMO --quiet --virtual",
        "exec $DEMO --quiet 2>/dev/null", /* stderr has who held the loop */
        "exec $DEMO --quiet --spin 2>/dev/null"};
    static struct process process;
    unsigned width = widths[_i];

    if (width < 38)
        return;
    for (int kind = 0; kind < (width == 38 ? 3 : 1); kind++) { /* the real ones take their time */
        terminal_start(&process, kinds[kind], width);
        terminal_finish(&process);
        ck_assert_uint_le(width_of(process.out), width);
        ck_assert_ptr_nonnull(strstr(process.out, "(600.0 ms one after another)\n"));
        ck_assert_int_eq(strstr(process.out, "difference ") != NULL, width >= 60);
        ck_assert_int_eq(strstr(process.out, " late\n") != NULL, width >= 48);
    }
}
END_TEST

/* D26 */
START_TEST(the_timeline_is_coloured_on_a_terminal_that_can_show_it)
{
    static const struct {
        const char *environment;
        bool is_coloured;
    } cases[] = {{"TERM=xterm NO_COLOR=", true},
                 {"TERM=xterm NO_COLOR=1", false},
                 {"TERM=dumb NO_COLOR=", false},
                 {"TERM= NO_COLOR=", false}};
    static struct process process;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[128];

        snprintf(command, sizeof command, "%s exec $DEMO --virtual", cases[i].environment);
        terminal_start(&process, command, 80);
        terminal_finish(&process);
        ck_assert_int_eq(process.status, 0);
        ck_assert_int_eq(strchr(process.out, '\033') != NULL, cases[i].is_coloured);
    }
}
END_TEST

START_TEST(a_slow_reader_does_not_change_the_order)
{
    check_order(&runs[VIRTUAL_SLOW]);
}
END_TEST

/* C7; test_gdb.c and test_strace.c have the case that somebody traces it (D29). */
START_TEST(a_poll_that_holds_the_loop_is_named)
{
    char text[128] = "";
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    dup2(fileno(file), STDERR_FILENO);
    program_warn_slow("somebody", EDO_US(12340));
    ck_assert_int_eq(fseek(file, 0, SEEK_SET), 0);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    fclose(file);
    ck_assert_str_eq(text, "warning: somebody held the loop for 12.3 ms\n");
}
END_TEST

static void run(struct process *process, const char *command)
{
    process_start(process, command);
    process_finish(process);
}

/* D24: the option that is wrong is named, and what is wrong with it. */
START_TEST(a_command_line_that_makes_no_sense_is_refused)
{
    static const struct {
        const char *command, *complaint;
    } cases[] = {
        {"exec $DEMO --frobnicate", "unknown option '--frobnicate'"},
        {"exec $DEMO -x", "unknown option '-x'"},
        {"exec $DEMO -xy", "unknown option '-x'"},
        {"exec $DEMO --virtual -x --quiet", "unknown option '-x'"},
        {"exec $DEMO -hx", "unknown option '-x'"},
        {"exec $DEMO -- -h", "unexpected argument '-h'"},
        {"exec $DEMO --quiet=1", "it takes no argument: '--quiet=1'"},
        {"exec $DEMO --qui=", "it takes no argument: '--qui='"},
        {"exec $DEMO --s", "several options begin with '--s'"},
        {"exec $DEMO --s=5", "several options begin with '--s=5'"},
        {"exec $DEMO --fail", "an argument is missing after '--fail'"},
        {"exec $DEMO --fail 0", "not '0'"},
        {"exec $DEMO --fail 4", "not '4'"},
        {"exec $DEMO --fail 12", "not '12'"},
        {"exec $DEMO --fail ''", "not ''"},
        {"exec $DEMO --fail 2:", "not '2:'"},
        {"exec $DEMO --fail 2:ENONSENSE", "not '2:ENONSENSE'"},
        {"exec $DEMO --fail 2:110", "not '2:110'"},
        {"exec $DEMO --tasks 0", "not '0'"},
        {"exec $DEMO --tasks 10000001", "not '10000001'"},
        {"exec $DEMO --tasks -1", "not '-1'"},
        {"exec $DEMO --tasks 5x", "not '5x'"},
        {"exec $DEMO --spin --virtual", "together with --spin: '--virtual'"},
        {"exec $DEMO --step --spin", "together with --spin: '--step'"},
        {"exec $DEMO --timers=fd --spin", "together with --spin: '--timers=fd'"},
        {"exec $DEMO --tasks 5 --step", "together with --tasks: '--step'"},
        {"exec $DEMO --tasks 5 --fail 1", "together with --tasks: '--fail'"},
        {"exec $DEMO --seed 1", "only together with --tasks: '--seed'"},
        {"exec $DEMO --seed x", "not 'x'"},
        {"exec $DEMO --seed 18446744073709551616", "not '18446744073709551616'"},
        {"exec $DEMO --timers heap", "not 'heap'"},
        {"exec $DEMO --svg x --trace x", "two views can not go into one file: 'x'"}, /* D23 */
        {"exec $DEMO --trace x --chrome x", "two views can not go into one file: 'x'"},
        {"exec $DEMO extra", "unexpected argument 'extra'"},
    };
    struct process process;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(&process, cases[i].command);
        ck_assert_int_eq(process.status, 2);
        ck_assert_str_eq(process.out, "");
        ck_assert_uint_eq(occurrences(process.err, "\n"), 2);
        ck_assert_msg(strstr(process.err, cases[i].complaint) != NULL, "%s", process.err);
        ck_assert_ptr_nonnull(strstr(process.err, "--help"));
    }
}
END_TEST

START_TEST(a_trace_is_written_or_else_it_is_an_error)
{
    struct process process;

    run(&process, "exec $DEMO --virtual --quiet --trace /dev/stderr");
    ck_assert_int_eq(process.status, 0);
    ck_assert_int_eq(strncmp(process.err, "# edo trace 2, pid ", 19), 0);
    ck_assert_ptr_nonnull(strstr(process.err, "\tphase\t1\t0\t-\t-\t-1\t0\tsequential loop\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "\tdone\t4\t0\t-\tEDO_DONE\t-1\t0\tasync_task(3)\n"));
    run(&process, "exec $DEMO --virtual --quiet --trace /dev/full");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.err, "/dev/full: No space left on device"));
    run(&process, "exec $DEMO --virtual --quiet --trace /nowhere/trace");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.err, "/nowhere/trace: No such file or directory"));
}
END_TEST

/* D23 */
START_TEST(a_view_that_can_not_be_written_does_not_skip_the_others)
{
    struct process process;

    run(&process, "exec $DEMO --virtual --quiet --chrome /nowhere/chrome --svg /nowhere/svg "
                  "--trace /dev/stderr");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.err, "/nowhere/chrome: No such file or directory\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "/nowhere/svg: No such file or directory\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "# edo trace 2, pid "));
}
END_TEST

/* D23: where standard output or error goes into the file of a view, both are there to read, in
 * order, and what was there before. */
static const struct shared_file {
    const char *command;
    const char *pieces[4];
} shared_files[] = {
    {"$DEMO --virtual --quiet --svg /dev/stdout >$file", {"phase ", "asleep in ", "<svg "}},
    {"$DEMO --virtual --quiet --svg $file >$file", {"phase ", "asleep in ", "<svg "}},
    {"echo kept >$file; $DEMO --virtual --quiet --svg /dev/stdout >>$file",
     {"kept\n", "phase ", "asleep in ", "<svg "}},
    {"echo kept >$file; $DEMO --virtual --quiet --svg /dev/stderr 2>>$file >&2",
     {"kept\n", "phase ", "asleep in ", "<svg "}},
    {"(exec 2>$file; ulimit -n 4; exec $DEMO --virtual --quiet --svg /dev/stderr)",
     {"7 of the sleeps failed\n", "<svg "}},
    {"$DEMO --virtual --quiet --svg /dev/stdout | cat >$file", {"phase ", "asleep in ", "<svg "}},
    {"$DEMO --virtual --quiet --chrome /dev/stdout --svg /dev/fd/1 >$file",
     {"phase ", "asleep in ", "{\"displayTimeUnit", "<svg "}},
};

START_TEST(a_view_into_standard_output_or_error_loses_no_text)
{
    const struct shared_file *shared = &shared_files[_i];
    struct process process;
    char command[256];
    const char *at;

    snprintf(command, sizeof command, "file=$(mktemp); %s; cat $file; rm $file", shared->command);
    run(&process, command);
    at = process.out;
    for (int i = 0; i < 4 && shared->pieces[i] != NULL; i++) {
        const char *piece = strstr(at, shared->pieces[i]);

        ck_assert_msg(piece != NULL, "no '%s' in: %.200s", shared->pieces[i], at);
        at = piece;
    }
    ck_assert_str_eq(at + strlen(at) - 7, "</svg>\n");
}
END_TEST

START_TEST(the_picture_is_small_valid_and_shows_what_happened)
{
    struct process process;

    run(&process, "exec $DEMO --virtual --quiet --svg /dev/stderr");
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_lt(strlen(process.err), 20000);
    ck_assert_uint_eq(occurrences(process.err, "class=\"band\""), 3); /* phases */
    ck_assert_uint_eq(occurrences(process.err, "<title>asleep"), 7);  /* sleeps */
    ck_assert_uint_eq(occurrences(process.err, "<title>waiting"), 8); /* tasks and futures */
    ck_assert_ptr_nonnull(strstr(process.err, ">process_item(1)<"));
    ck_assert_ptr_null(strstr(process.err, "overdue"));
    ck_assert_uint_eq(occurrences(process.err, "<title>woken at"), 3); /* by another task */
    ck_assert_uint_eq(occurrences(process.err, "asleep from 100.000 to 300.000 ms"), 1);
    ck_assert_ptr_null(strstr(process.err, "<script"));
    run(&process,
        "! command -v xmllint >/dev/null || $DEMO --virtual --quiet --svg /dev/stderr 2>&1 "
        ">/dev/null | xmllint --noout -");
    ck_assert_msg(process.status == 0, "%s", process.err);
}
END_TEST

/* Without the fds, which the wheel's timers don't have. */
static const char five_turns[] =
    "--- turn 1, at 0.0 ms\n"
    "  ready:   async_main\n"
    "  armed:   nothing\n"
    "  waiting: nobody\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "Phase 1, sequential: await one future\n"
    "  0.0 ms fetch_data(1)   started\n"
    "  0.0 ms fetch_data(1)   sleeps 100 ms, timer id 1\n"
    "  nothing was due\n"
    "  phase: sequential\n"
    "  async_main polled: EDO_START -> MAIN_AWAITS_FETCH;\n"
    "    fetch_data(1) EDO_START -> FETCH_AWAITS_LATENCY; arms id 1 for 100 ms\n"
    "--- turn 2, at 0.0 ms\n"
    "  ready:   nobody\n"
    "  armed:   id 1, due at 100.0 ms, the next\n"
    "  waiting: async_main at MAIN_AWAITS_FETCH\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "100.0 ms fetch_data(1)   completed: Data_1\n"
    "Phase 2, parallel: spawn three tasks and join them\n"
    "  every task waits; id 1 is due first, in 100.0 ms\n"
    "  id 1 came due, 0.0 ms late -> wakes async_main\n"
    "    -> polled: fetch_data(1) FETCH_AWAITS_LATENCY -> EDO_DONE\n"
    "  phase: parallel\n"
    "  async_main goes on: spawns async_task(1), async_task(2), async_task(3);\n"
    "    MAIN_AWAITS_FETCH -> MAIN_AWAITS_TASKS;\n"
    "    join_tasks EDO_START -> JOIN_TASKS_AWAITS_ONE\n"
    "--- turn 3, at 100.0 ms\n"
    "  ready:   async_task(1), async_task(2), async_task(3)\n"
    "  armed:   nothing\n"
    "  waiting: async_main at MAIN_AWAITS_TASKS\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "100.0 ms async_task(1)   started\n"
    "100.0 ms async_task(1)   sleeps 100 ms, timer id 2\n"
    "100.0 ms async_task(2)   started\n"
    "100.0 ms async_task(2)   sleeps 200 ms, timer id 3\n"
    "100.0 ms async_task(3)   started\n"
    "100.0 ms async_task(3)   sleeps 300 ms, timer id 4\n"
    "  nothing was due\n"
    "  async_task(1) polled: EDO_START -> TASK_AWAITS_SLEEP; arms id 2 for 100 ms\n"
    "  async_task(2) polled: EDO_START -> TASK_AWAITS_SLEEP; arms id 3 for 200 ms\n"
    "  async_task(3) polled: EDO_START -> TASK_AWAITS_SLEEP; arms id 4 for 300 ms\n"
    "--- turn 4, at 100.0 ms\n"
    "  ready:   nobody\n"
    "  armed:   id 2, due at 200.0 ms, the next\n"
    "           id 3, due at 300.0 ms\n"
    "           id 4, due at 400.0 ms\n"
    "  waiting: async_main at MAIN_AWAITS_TASKS\n"
    "           async_task(1) at TASK_AWAITS_SLEEP\n"
    "           async_task(2) at TASK_AWAITS_SLEEP\n"
    "           async_task(3) at TASK_AWAITS_SLEEP\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "200.0 ms async_task(1)   completed: 10\n"
    "  every task waits; id 2 is due first, in 100.0 ms\n"
    "  id 2 came due, 0.0 ms late -> wakes async_task(1)\n"
    "    -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> wakes async_main\n"
    "--- turn 5, at 200.0 ms\n"
    "  ready:   async_main\n"
    "  armed:   id 3, due at 300.0 ms, the next\n"
    "           id 4, due at 400.0 ms\n"
    "  waiting: async_task(2) at TASK_AWAITS_SLEEP\n"
    "           async_task(3) at TASK_AWAITS_SLEEP\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "  nothing was due\n"
    "  async_main polled: still MAIN_AWAITS_TASKS\n"
    "--- turn 6, at 200.0 ms\n"
    "  ready:   nobody\n"
    "  armed:   id 3, due at 300.0 ms, the next\n"
    "           id 4, due at 400.0 ms\n"
    "  waiting: async_main at MAIN_AWAITS_TASKS\n"
    "           async_task(2) at TASK_AWAITS_SLEEP\n"
    "           async_task(3) at TASK_AWAITS_SLEEP\n"
    "  [Enter: one turn, c: to the end, q: quit] \n"
    "  the program cancels async_task(3)\n"
    "  async_task(3) cancelled: disarms id 4; TASK_AWAITS_SLEEP -> EDO_CANCELLED\n"
    "  the program cancels async_task(2)\n"
    "  async_task(2) cancelled: disarms id 3; TASK_AWAITS_SLEEP -> EDO_CANCELLED\n"
    "    -> wakes async_main (cancel)\n"
    "  the program cancels async_main\n"
    "  async_main cancelled: join_tasks JOIN_TASKS_AWAITS_ONE -> EDO_CANCELLED;\n"
    "    MAIN_AWAITS_TASKS -> EDO_CANCELLED\n"
    "cancelled, and all is let go of\n";

static const char *const drivers[] = {"fd", "wheel"};

enum { DRIVERS = sizeof drivers / sizeof drivers[0] };

/* D20: the wheel keeps its timers where the table of fds does not show them. */
START_TEST(step_says_what_happened_in_each_turn_and_then_where_everybody_stands)
{
    struct process process;
    char command[256];

    snprintf(command, sizeof command,
             "printf '\\n\\n\\n\\n\\nq\\n' | $DEMO --step --no-timeline --timers=%s | "
             "sed 's/ on fd [0-9]*//'",
             drivers[_i]);
    run(&process, command);
    ck_assert_str_eq(process.out, five_turns);
    ck_assert_str_eq(process.err, "");
}
END_TEST

START_TEST(step_shows_the_fds_of_timers_that_have_one)
{
    struct process process;

    run(&process, "printf '\\n\\n\\n\\nq\\n' | $DEMO --step --no-timeline");
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(occurrences(process.out, " on fd "), 1 + 3 + 2);
    run(&process, "printf '\\n\\n\\n\\nq\\n' | $DEMO --step --no-timeline --timers=wheel");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_null(strstr(process.out, " on fd "));
}
END_TEST

START_TEST(step_lets_one_run_to_the_end)
{
    struct process process;

    run(&process, "printf 'c\\n' | $DEMO --step");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "\n550.0 ms process_item(2) completed\n"));
    run(&process, "$DEMO --step </dev/null");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "\n550.0 ms process_item(2) completed\n"));
}
END_TEST

START_TEST(step_says_something_of_every_turn)
{
    struct process process;
    unsigned turns = 0;

    run(&process, "yes '' | head -n 12 | $DEMO --step --quiet --no-timeline");
    ck_assert_int_eq(process.status, 0);
    for (const char *at = process.out; (at = strstr(at, "q: quit] \n")) != NULL; turns++) {
        at += strlen("q: quit] \n");
        ck_assert_msg(strncmp(at, "  nothing was due\n  async_", 26) == 0 ||
                          strncmp(at, "  nothing was due\n  phase: ", 27) == 0 ||
                          strncmp(at, "  every task waits; id ", 23) == 0,
                      "%.200s", at);
    }
    ck_assert_uint_eq(turns, 12);
}
END_TEST

/* D25 */
START_TEST(a_line_at_the_step_prompt_is_one_answer_however_long_it_is)
{
    struct process process;

    run(&process, "{ printf '%0200d\\n' 0; printf 'quit'; } | $DEMO --step --no-timeline");
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(occurrences(process.out, "--- turn "), 2);
    ck_assert_ptr_nonnull(strstr(process.out, "cancelled, and all is let go of\n"));
}
END_TEST

/* From the trace alone: every sleep as the picture must show it, how long after its deadline it was
 * answered, and every task as the Chrome trace
 * must. Then each is looked for. */
static const char compare_views[] =
    "d=$(mktemp -d); trap 'rm -rf $d' EXIT\n"
    "$DEMO --quiet --svg $d/svg --chrome $d/chrome --trace $d/trace >/dev/null 2>&1 || exit 1\n"
    "awk -F '\\t' -v d=$d '\n"
    "    function ms(t) { return sprintf(\"%.3f\", (t - t0) / 1e6) }\n"
    "    function us(t) { return int((t - t0) / 1000) }\n"
    "    $1 == 0 { t0 = $2 }\n"
    "    $3 == \"arm\" { armed[$5] = $2; due[$5] = $9 }\n"
    "    $3 == \"wake\" && $6 == \"timer\" { id[$4] = $9 }\n"
    "    $3 == \"poll_begin\" && id[$4] {\n"
    "        print \"asleep from \" ms(armed[id[$4]]) \" to \" ms(due[id[$4]]) \" ms\" >(d "
    "\"/sleeps\")\n"
    "        print \" from \" ms(due[id[$4]]) \" to \" ms($2) \" ms\" >(d \"/sleeps\")\n"
    "        id[$4] = 0\n"
    "    }\n"
    "    $3 == \"spawn\" { spawned[$4] = $2; name[$4] = $10 }\n"
    "    $3 == \"done\" {\n"
    "        print \"\\\"ts\\\":\" us(spawned[$4]) \",\\\"dur\\\":\" \\\n"
    "            us($2) - us(spawned[$4]) \",\\\"name\\\":\\\"\" name[$4] "
    "\"\\\",\\\"args\\\":{\\\"task\\\":\" $4 >(d "
    "\"/tasks\")\n"
    "    }' $d/trace\n"
    "while read -r line; do grep -qF \"$line\" $d/svg || echo \"svg: no $line\"; done <$d/sleeps\n"
    "while read -r line; do grep -qF \"$line\" $d/chrome || echo \"chrome: no $line\"; done "
    "<$d/tasks\n"
    "grep -c . $d/sleeps $d/tasks | sed 's/.*://'\n";

START_TEST(all_views_of_one_run_agree)
{
    struct process process;

    run(&process, compare_views);
    ck_assert_str_eq(process.out, "14\n4\n");
    ck_assert_str_eq(process.err, "");
}
END_TEST

START_TEST(help_and_version_print_and_exit)
{
    struct process process;

    run(&process, "exec $DEMO --help");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "--fail TASK[:ERRNO]"));
    ck_assert_ptr_nonnull(strstr(process.out, "--quiet"));
    ck_assert_ptr_nonnull(strstr(process.out, "--no-timeline"));
    ck_assert_ptr_nonnull(strstr(process.out, "--chrome FILE"));
    ck_assert_ptr_nonnull(strstr(process.out, "--spin"));
    ck_assert_ptr_nonnull(strstr(process.out, "--step"));
    ck_assert_ptr_nonnull(strstr(process.out, "--story FILE"));
    ck_assert_ptr_nonnull(strstr(process.out, "--svg FILE"));
    ck_assert_ptr_nonnull(strstr(process.out, "--trace FILE"));
    ck_assert_ptr_nonnull(strstr(process.out, "--virtual"));
    ck_assert_ptr_nonnull(strstr(process.out, "--version"));
    run(&process, "exec $DEMO -h");
    ck_assert_int_eq(process.status, 0);
    ck_assert_int_eq(strncmp(process.out, "Usage: ", 7), 0);
    run(&process, "exec $DEMO --version");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, "edo " EDO_VERSION "\n");
    run(&process, "exec $DEMO -V");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, "edo " EDO_VERSION "\n");
    run(&process, "exec $DEMO --help >/dev/full");
    ck_assert_int_eq(process.status, 1);
}
END_TEST

Suite *demo_suite(void)
{
    Suite *suite = suite_create("demo");
    TCase *tcase_runs = tcase_create("runs");
    TCase *tcase_options = tcase_create("options");

    tcase_add_unchecked_fixture(tcase_runs, run_all, NULL);
    tcase_add_test(tcase_runs, the_three_phases_run_in_order_and_give_their_values);
    tcase_add_test(tcase_runs, it_prints_the_same_into_a_pipe);
    tcase_add_test(tcase_runs, it_runs_without_standard_input);
    tcase_add_test(tcase_runs, being_stopped_and_continued_changes_nothing);
    tcase_add_test(tcase_runs, nothing_is_early);
    tcase_add_test(tcase_runs, quiet_prints_only_the_table);
    tcase_add_test(tcase_runs, the_table_says_how_late_the_latest_timer_was);
    tcase_add_test(tcase_runs, with_spin_it_says_for_how_long_the_thread_has_watched_the_clock);
    tcase_add_test(tcase_runs, a_task_that_fails_half_way_is_handled_and_the_others_go_on);
    tcase_add_test(tcase_runs, any_of_the_three_can_fail);
    tcase_add_test(tcase_runs, with_one_fd_left_the_tasks_that_get_none_fail_and_all_else_goes_on);
    tcase_add_test(tcase_runs, with_no_fd_left_every_sleep_fails_and_the_program_still_ends);
    tcase_add_test(tcase_runs, the_table_counts_only_what_was_slept);
    tcase_add_test(tcase_runs, a_run_that_took_no_time_at_all_has_a_table);
    tcase_add_test(tcase_runs, virtual_time_is_exact_and_every_run_prints_the_same);
    tcase_add_test(tcase_runs, a_slow_reader_does_not_change_the_order);
    tcase_add_test(tcase_runs, a_full_or_closed_standard_output_is_an_error);
    suite_add_tcase(suite, tcase_runs);

    tcase_add_test(tcase_options, a_poll_that_holds_the_loop_is_named);
    tcase_add_test(tcase_options, a_command_line_that_makes_no_sense_is_refused);
    tcase_add_test(tcase_options, the_timeline_shows_who_slept_who_waited_and_who_failed);
    tcase_add_test(tcase_options,
                   the_timeline_has_no_colour_outside_a_terminal_and_can_be_left_out);
    tcase_add_loop_test(tcase_options, the_timeline_fits_into_the_terminal, 0,
                        sizeof widths / sizeof widths[0]);
    tcase_add_loop_test(tcase_options, the_table_fits_into_the_terminal, 0,
                        sizeof widths / sizeof widths[0]);
    tcase_add_test(tcase_options, the_timeline_is_coloured_on_a_terminal_that_can_show_it);
    tcase_add_test(tcase_options, a_trace_is_written_or_else_it_is_an_error);
    tcase_add_test(tcase_options, a_view_that_can_not_be_written_does_not_skip_the_others);
    tcase_add_loop_test(tcase_options, a_view_into_standard_output_or_error_loses_no_text, 0,
                        sizeof shared_files / sizeof shared_files[0]);
    tcase_add_test(tcase_options, the_picture_is_small_valid_and_shows_what_happened);
    tcase_add_loop_test(tcase_options,
                        step_says_what_happened_in_each_turn_and_then_where_everybody_stands, 0,
                        DRIVERS);
    tcase_add_test(tcase_options, step_shows_the_fds_of_timers_that_have_one);
    tcase_add_test(tcase_options, step_lets_one_run_to_the_end);
    tcase_add_test(tcase_options, step_says_something_of_every_turn);
    tcase_add_test(tcase_options, a_line_at_the_step_prompt_is_one_answer_however_long_it_is);
    tcase_add_test(tcase_options, all_views_of_one_run_agree);
    tcase_add_test(tcase_options, help_and_version_print_and_exit);
    suite_add_tcase(suite, tcase_options);
    return suite;
}
