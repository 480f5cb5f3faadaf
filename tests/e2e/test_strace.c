/* SPDX-License-Identifier: MIT */
/* The story that strace tells: the exact sequence of the demo's system calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum { MOST_FDS = 64 };

static struct process story, count, plain, no_epoll, no_wait, slow_write;
static bool can_trace;

/* ASan's leak check doesn't work under ptrace. */
#define STRACE "ASAN_OPTIONS=detect_leaks=0 exec strace -o /dev/stderr "

/* The most events that an epoll_wait with that timeout returned. */
static long most_events(const char *calls, const char *timeout)
{
    long most = 0;

    for (const char *at = strstr(calls, timeout); at != NULL; at = strstr(at + 1, timeout)) {
        long events = strtol(strchr(at, '=') + 1, NULL, 10);

        most = events > most ? events : most;
    }
    return most;
}

/* Where the machine is so busy that two timers come at once, or one while a task is ready, it is
 * another story: then once more. */
static bool is_another_story(const char *calls)
{
    return most_events(calls, "128, -1) = ") > 1 || most_events(calls, "128, 0) = ") > 0;
}

static void trace_story(void)
{
    int attempt = 0;

    do {
        process_start(&story, STRACE "-e trace=epoll_create1,timerfd_create,timerfd_settime,"
                                     "epoll_ctl,?epoll_wait,?epoll_pwait,read,close,write $DEMO");
        process_finish(&story);
    } while (is_another_story(story.err) && ++attempt < 20);
}

static void trace(void)
{
    struct process probe;

    process_start(&probe, "strace -qq -e trace=none true");
    process_finish(&probe);
    can_trace = probe.status == 0;
    if (!can_trace) {
        printf("strace: skipped, it is missing or may not trace: %s", probe.err);
        fflush(stdout);
        return;
    }
    process_start(&count, STRACE "$DEMO");
    process_start(&plain, STRACE "$DEMO --no-timeline");
    process_start(&no_epoll, STRACE "-e inject=epoll_create1:error=EMFILE $DEMO");
    process_start(&no_wait, STRACE "-e inject=?epoll_wait,?epoll_pwait:error=EBADF:when=3 $DEMO");
    process_start(&slow_write, STRACE "-e inject=write:delay_enter=30000:when=2 $DEMO");
    process_finish(&count);
    process_finish(&plain);
    process_finish(&no_epoll);
    process_finish(&no_wait);
    process_finish(&slow_write);
    trace_story();
}

/* The number after `key`, -1 if there is none. */
static long after(const char *line, const char *key)
{
    const char *at = strstr(line, key);

    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

static bool begins(const char *line, const char *call)
{
    return strncmp(line, call, strlen(call)) == 0 && line[strlen(call)] == '(';
}

/* Some C libraries and machines have only epoll_pwait. */
static bool is_wait(const char *line)
{
    return begins(line, "epoll_wait") || begins(line, "epoll_pwait");
}

/* A task is ready, and another look at the kernel is due, which finds nothing. How often there is
 * one depends on the machine. */
static bool is_look(const char *line)
{
    return is_wait(line) && strstr(line, ", [], 128, 0") != NULL &&
           after(strrchr(line, '='), "= ") == 0;
}

/* The id that epoll was given or gives back: u64=1, since strace 6.13 data=0x1 (D43). */
static long id_in(const char *line)
{
    const char *at = strstr(line, strstr(line, "u64=") ? "u64=" : "data=");

    return at ? strtol(strchr(at, '=') + 1, NULL, 0) : -1;
}

/* The fd after `key`. */
static size_t fd_after(const char *line, const char *key)
{
    long fd = after(line, key);

    ck_assert_msg(fd >= 0 && fd < MOST_FDS, "no fd in: %s", line);
    return (size_t)fd;
}

/* A line of strace's in a few words, whatever strace it is; fds become the timer's id. */
static void retell(const char *line, char *words, long id_of_fd[MOST_FDS])
{
    if (begins(line, "epoll_create1"))
        sprintf(words, "open");
    else if (begins(line, "timerfd_create"))
        sprintf(words, "create");
    else if (begins(line, "timerfd_settime"))
        sprintf(words, "settime %ld ms", after(strstr(line, "it_value"), "tv_nsec=") / 1000000);
    else if (begins(line, "epoll_ctl") && strstr(line, "EPOLL_CTL_ADD")) {
        id_of_fd[fd_after(line, "ADD, ")] = id_in(line);
        sprintf(words, "add %ld", id_in(line));
    } else if (begins(line, "epoll_ctl"))
        sprintf(words, "del %ld", id_of_fd[fd_after(line, "DEL, ")]);
    else if (is_wait(line)) {
        ck_assert_ptr_nonnull(strstr(line, ", -1)")); /* no timeout */
        ck_assert_int_eq(after(strrchr(line, '='), "= "), 1);
        sprintf(words, "wait %ld", id_in(line));
    } else if (begins(line, "read"))
        sprintf(words, "read %ld: %d", id_of_fd[fd_after(line, "read(")],
                strstr(line, "\"\\1\\0\\0\\0\\0\\0\\0\\0\"") != NULL);
    else if (begins(line, "close"))
        sprintf(words, id_of_fd[fd_after(line, "close(")] ? "close %ld" : "close",
                id_of_fd[fd_after(line, "close(")]);
    else if (begins(line, "write"))
        sprintf(words, "say");
}

/* What is expected, in those words. */
/* clang-format off */
static const char *const expected[] = {
    "open",
    "say", "say", /* phase 1, started */
    "create", "settime 100 ms", "add 1", "say",
    "wait 1", "read 1: 1", "del 1", "close 1", "say",
    "say", "say", /* phase 2, started */
    "create", "settime 100 ms", "add 2", "say",
    "say", "create", "settime 200 ms", "add 3", "say",
    "say", "create", "settime 300 ms", "add 4", "say",
    "wait 2", "read 2: 1", "del 2", "close 2", "say",
    "wait 3", "read 3: 1", "del 3", "close 3", "say",
    "wait 4", "read 4: 1", "del 4", "close 4", "say",
    "say", /* joined */
    "say", "say", /* phase 3, started */
    "create", "settime 50 ms", "add 5", "say",
    "wait 5", "read 5: 1", "del 5", "close 5", "say",
    "say", "create", "settime 50 ms", "add 6", "say",
    "wait 6", "read 6: 1", "del 6", "close 6", "say",
    "say", "create", "settime 50 ms", "add 7", "say",
    "wait 7", "read 7: 1", "del 7", "close 7", "say",
    "say", "say", "say", "say", "say", "say", "say", "say", "say", /* the table */
    "close",
    "say", /* and as many lines of the timeline as it takes to say who was late */
};
/* clang-format on */

enum { EXPECTED = sizeof expected / sizeof expected[0] };

/* Copies the line at *at, and moves on to the next. False at the end. */
static bool next_line(const char **at, char *line, size_t size)
{
    size_t length = strcspn(*at, "\n");

    if (**at == '\0')
        return false;
    ck_assert_uint_lt(length, size);
    memcpy(line, *at, length);
    line[length] = '\0';
    *at += length + ((*at)[length] == '\n');
    return true;
}

START_TEST(the_story_is_told_call_by_call)
{
    const char *at = strstr(story.err, "epoll_create1(");
    char line[512], words[64];
    long id_of_fd[MOST_FDS] = {0};
    size_t told = 0;

    if (!can_trace)
        return;
    ck_assert_int_eq(story.status, 0);
    ck_assert_ptr_nonnull(at);
    while (next_line(&at, line, sizeof line) && line[0] != '+') {
        if (is_look(line))
            continue;
        retell(line, words, id_of_fd);
        ck_assert_msg(strcmp(words, expected[told]) == 0, "'%s' instead of '%s' in: %s", words,
                      expected[told], line);
        told += told < EXPECTED - 1;
    }
    ck_assert_uint_eq(told, EXPECTED - 1);
}
END_TEST

/* Between the first and the last line there is nothing but the story: no memory, no locale, no
 * clock; and whether it was forked is asked when it closes. */
START_TEST(nothing_else_happens_between_the_lines)
{
    const char *at = strstr(count.err, "epoll_create1(");
    char line[512];

    if (!can_trace)
        return;
    ck_assert_ptr_nonnull(at);
    while (next_line(&at, line, sizeof line) && !begins(line, "exit_group"))
        ck_assert_msg(
            begins(line, "epoll_create1") || begins(line, "timerfd_create") ||
                begins(line, "timerfd_settime") || begins(line, "epoll_ctl") || is_wait(line) ||
                begins(line, "read") || begins(line, "close") || begins(line, "write") ||
                begins(line, "getrusage") || begins(line, "ioctl") || begins(line, "getpid") ||
                /* where a poll was slow: is it the tracer's doing? */
                begins(line, "openat") || begins(line, "pread64") || getenv("EDO_SANITIZED"),
            "%s", line);
}
END_TEST

/* The original makes 201 of them (Tokio 1.24, multi-threaded, strace -f -c), and draws nothing. */
START_TEST(it_takes_fewer_than_seven_tenths_of_tokio_s_system_calls)
{
    if (!can_trace || getenv("EDO_SANITIZED"))
        return;
    ck_assert_uint_gt(occurrences(plain.err, "\n"), 50);
    ck_assert_uint_lt(occurrences(plain.err, "\n"), 140);
}
END_TEST

/* E6 */
START_TEST(without_an_epoll_the_demo_says_so)
{
    if (!can_trace)
        return;
    ck_assert_int_eq(no_epoll.status, 1);
    ck_assert_ptr_nonnull(strstr(no_epoll.err, "opening the runtime: "));
}
END_TEST

START_TEST(an_epoll_wait_that_fails_ends_the_demo_with_the_error)
{
    if (!can_trace)
        return;
    ck_assert_int_eq(no_wait.status, 1);
    ck_assert_ptr_nonnull(strstr(no_wait.err, "the run failed: Bad file "));
    ck_assert_uint_eq(occurrences(no_wait.err, "timerfd_create("), 4);
    ck_assert_uint_eq(occurrences(no_wait.err, "EPOLL_CTL_DEL"), 4); /* cancelled, not leaked */
}
END_TEST

/* D29: there is no word of what strace brought about, and no read or close of asking for it. */
START_TEST(a_poll_that_strace_held_adds_nothing_to_the_story)
{
    const char *at = strstr(slow_write.err, "epoll_create1(");

    if (!can_trace)
        return;
    ck_assert_int_eq(slow_write.status, 0);
    ck_assert_ptr_null(strstr(slow_write.err, "warning: "));
    ck_assert_uint_eq(occurrences(at, "\nclose("), 8);
    ck_assert_uint_eq(occurrences(at, "\nread("), 7);
}
END_TEST

Suite *strace_suite(void)
{
    Suite *suite = suite_create("strace");
    TCase *tcase = tcase_create("story");

    tcase_add_unchecked_fixture(tcase, trace, NULL);
    tcase_add_test(tcase, the_story_is_told_call_by_call);
    tcase_add_test(tcase, nothing_else_happens_between_the_lines);
    tcase_add_test(tcase, it_takes_fewer_than_seven_tenths_of_tokio_s_system_calls);
    tcase_add_test(tcase, without_an_epoll_the_demo_says_so);
    tcase_add_test(tcase, a_poll_that_strace_held_adds_nothing_to_the_story);
    tcase_add_test(tcase, an_epoll_wait_that_fails_ends_the_demo_with_the_error);
    suite_add_tcase(suite, tcase);
    return suite;
}
