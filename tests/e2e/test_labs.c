/* SPDX-License-Identifier: MIT */
/* The demo and lessons with system calls that strace makes fail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum lab {
    NO_FD,
    SETTIME_REFUSED,
    INTERRUPTED,
    LATE_TOGETHER,
    FALSE_READ,
    CLOSE_FAILS,
    REGISTRATION_LOST,
    ACCEPT_EMFILE,
    RESET_MIDWAY,
    HALF_OPEN,
    SLOW_READER,
    SHORT_WRITES,
    EDGE_FREEZE,
    LABS
};

static const struct {
    const char *name;
    const char *tells; /* besides its verdict */
    bool counts_calls; /* so a sanitizer spoils it */
} known[LABS] = {
    [NO_FD] = {"no-fd", "async_task(1) failed: EMFILE", false},
    [SETTIME_REFUSED] = {"settime-refused", "async_task(2) failed: EINVAL", false},
    [INTERRUPTED] = {"interrupted", "= -1 EINTR (Interrupted system call) (INJECTED)", false},
    [LATE_TOGETHER] = {"late-together", "}, {", false},
    [FALSE_READ] = {"false-read", "= -1 EAGAIN (Resource temporarily unavailable)", true},
    [CLOSE_FAILS] = {"close-fails", "= -1 EINTR (Interrupted system call) (INJECTED)", true},
    [REGISTRATION_LOST] = {"registration-lost", "as expected. async_task(2) waits for ever", false},
    [ACCEPT_EMFILE] = {"accept-emfile", "= -1 EMFILE (Too many open files) (INJECTED)", false},
    [RESET_MIDWAY] = {"reset-midway", "ann             gets no more: ECONNRESET", false},
    [HALF_OPEN] = {"half-open", "when it is lost:\n   80.0 ms ann             has sent all\n",
                   false},
    [SLOW_READER] = {"slow-reader",
                     "to zoe          the picture before is still under way: cut off", false},
    [SHORT_WRITES] = {"short-writes", "writer          has written MB 3", false},
    [EDGE_FREEZE] = {"edge-freeze", "ben             gets no more: ECONNRESET", false},
};

static struct process runs[LABS], list, help, unknown, no_strace, no_edo;
static bool can_trace;

#define WITHOUT_STRACE \
    "folder=$(mktemp -d); ln -s \"$(command -v dirname)\" $folder; " \
    "PATH=$folder /bin/sh scripts/fault-lab no-fd; status=$?; rm -r $folder; exit $status"

static void start_all(void)
{
    struct process probe;
    char command[64];

    process_start(&probe, "strace -qq -e trace=none true");
    process_finish(&probe);
    can_trace = probe.status == 0;
    if (!can_trace)
        printf("labs: skipped, strace is missing or may not trace: %s", probe.err);
    else if (getenv("EDO_SANITIZED"))
        puts("labs: skipped, what counts calls of read and close");
    fflush(stdout);
    for (int i = 0; i < LABS && can_trace; i++) {
        sprintf(command, "exec scripts/fault-lab %s", known[i].name);
        process_start(&runs[i], command);
    }
    if (can_trace) {
        process_start(&unknown, "exec scripts/fault-lab nonsense");
        process_start(&no_edo,
                      "DEMO=/bin/sh; export DEMO; exec scripts/fault-lab no-fd </dev/null");
    }
    process_start(&no_strace, WITHOUT_STRACE);
    process_start(&list, "exec scripts/fault-lab --list");
    process_start(&help, "exec scripts/fault-lab --help");
    for (int i = 0; i < LABS && can_trace; i++)
        process_finish(&runs[i]);
    if (can_trace) {
        process_finish(&unknown);
        process_finish(&no_edo);
    }
    process_finish(&no_strace);
    process_finish(&list);
    process_finish(&help);
}

START_TEST(a_lab_is_as_expected)
{
    const struct process *run = &runs[_i];
    char verdict[64];

    if (!can_trace)
        return;
    ck_assert_msg(run->status == 0, "%s%s", run->out, run->err);
    ck_assert_str_eq(run->err, "");
    if (known[_i].counts_calls && getenv("EDO_SANITIZED")) {
        ck_assert_ptr_nonnull(strstr(run->out, "Skipped: "));
        return;
    }
    sprintf(verdict, "\n%s: as expected. ", known[_i].name);
    ck_assert_msg(strstr(run->out, verdict) && strstr(run->out, known[_i].tells), "%s", run->out);
}
END_TEST

/* Each in a line that begins with two spaces; the other lines are headings. */
START_TEST(the_list_names_every_lab)
{
    char name[32];

    ck_assert_int_eq(list.status, 0);
    for (int i = 0; i < LABS; i++) {
        sprintf(name, "\n  %s  ", known[i].name);
        ck_assert_msg(strstr(list.out, name), "no %s", known[i].name);
    }
    ck_assert_uint_eq(occurrences(list.out, "\n  "), LABS);
}
END_TEST

START_TEST(help_says_how_to_call_it_and_what_labs_there_are)
{
    ck_assert_int_eq(help.status, 0);
    ck_assert_str_eq(help.err, "");
    ck_assert_ptr_eq(strstr(help.out, "usage: scripts/fault-lab [--help | --list | NAME]\n"),
                     help.out);
    ck_assert_ptr_nonnull(strstr(help.out, list.out));
}
END_TEST

/* A shell that reads nothing stands in for a demo which does none of what is expected. */
START_TEST(what_is_not_as_expected_is_said)
{
    if (!can_trace)
        return;
    ck_assert_int_eq(no_edo.status, 1);
    ck_assert_ptr_nonnull(strstr(no_edo.out, "no-fd: NOT as expected:\n"));
}
END_TEST

START_TEST(a_lab_that_cannot_be_run_is_refused)
{
    process_check_refused(&no_strace, "fault-lab: strace is missing");
    if (can_trace)
        process_check_refused(&unknown, "fault-lab: no lab is called 'nonsense'");
}
END_TEST

Suite *labs_suite(void)
{
    Suite *suite = suite_create("labs");
    TCase *tcase = tcase_create("labs");

    tcase_add_unchecked_fixture(tcase, start_all, NULL);
    tcase_add_loop_test(tcase, a_lab_is_as_expected, 0, LABS);
    tcase_add_test(tcase, the_list_names_every_lab);
    tcase_add_test(tcase, help_says_how_to_call_it_and_what_labs_there_are);
    tcase_add_test(tcase, what_is_not_as_expected_is_said);
    tcase_add_test(tcase, a_lab_that_cannot_be_run_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
