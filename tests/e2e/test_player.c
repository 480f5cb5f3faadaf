/* SPDX-License-Identifier: MIT */
/* The page of --html: that the run is in it, and the system calls that strace has seen. What it
 * shows is looked at in a browser. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "process.h"
#include "suites.h"

/* Runs `run`, which writes $page; then jq has to say true of the run in it. */
static void check_page(const char *run, const char *question)
{
    struct process process;
    char command[2048];

    process_start(&process, "command -v jq");
    process_finish(&process);
    if (process.status != 0) {
        puts("player: skipped, jq is missing");
        return;
    }
    snprintf(command, sizeof command,
             "folder=$(mktemp -d); page=$folder/page.html; lessons=$(dirname \"$DEMO\")/lessons; "
             "{ %s; } >/dev/null && "
             "awk '/^<script type=.application.json/ { if (is_run++) exit; next } "
             "/^<.script>/ && is_run { exit } is_run' $page >$folder/run && "
             "jq -e '%s' $folder/run; status=$?; rm -r $folder; exit $status",
             run, question);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s: %s: %s%s", run, question, process.out, process.err);
}

START_TEST(the_page_has_every_event_of_the_trace)
{
    check_page("\"$DEMO\" --virtual --html $page --trace $folder/trace",
               ".version == 2 and .isVirtual and .dropped == 0 and .program == \"demo\" and "
               "(.events | length) > 100");
    check_page("\"$DEMO\" --virtual --html $page --trace $folder/trace; "
               "[ $(grep -vc \"^#\" $folder/trace) -eq $(($(sed \"/notes/q\" $page | "
               "grep -c \"^\\[[0-9]\") + 1)) ]",
               ".events[0][1] == \"spawn\"");
}
END_TEST

START_TEST(it_has_a_policy_by_which_it_loads_nothing)
{
    check_page("\"$DEMO\" --virtual --html $page; grep -q "
               "\"Content-Security-Policy.*default-src 'none'\" $page && "
               "! grep -qE \"(src|href)=.(https?:)?//\" $page",
               "true");
}
END_TEST

START_TEST(it_has_the_sources_of_what_ran_and_no_others)
{
    check_page("\"$DEMO\" --virtual --html $page",
               "[.sources | keys[]] == [\"demo/async_main.c\", \"demo/async_task.c\", "
               "\"demo/fetch_data.c\", \"demo/process_item.c\"] and "
               "(.sources[\"demo/fetch_data.c\"] | contains(\"fetch_data_poll\"))");
    check_page("$lessons/echo-server --virtual --quiet --html $page",
               "[.sources | keys[]] == [\"demo/lessons/echo-server.c\", \"demo/lessons/lesson.c\", "
               "\"demo/lessons/peer.c\"]");
}
END_TEST

START_TEST(it_has_the_story_and_the_picture)
{
    check_page("\"$DEMO\" --virtual --html $page --story $folder/story",
               "(.story | contains(\"id 1 came due\")) and (.picture | startswith(\"<svg \")) and "
               "(.picture | endswith(\"</svg>\\n\"))");
}
END_TEST

/* Deadlines and all times count from the first event, also on the real clock. */
START_TEST(times_count_from_the_first_event)
{
    check_page("\"$DEMO\" --quiet --html $page",
               "(.events[0][0] == 0) and (.first | tonumber > 0) and ([.events[] | "
               "select(.[1] == \"arm\") | .[5] - .[0]] | all(. > 0 and . <= 300000000))");
}
END_TEST

START_TEST(a_page_of_the_demo_is_small)
{
    check_page("\"$DEMO\" --html $page --quiet; [ $(wc -c <$page) -le 250000 ]", "true");
}
END_TEST

START_TEST(runs_are_joined_in_one_page_with_their_labels)
{
    struct process process;

    process_start(&process,
                  "folder=$(mktemp -d); \"$DEMO\" --virtual --quiet --html $folder/a.html && "
                  "\"$DEMO\" --virtual --quiet --fail 2 --html $folder/b.html; "
                  "scripts/join-runs 'a <b> \"c\" & d'=$folder/a.html $folder/b.html "
                  ">$folder/both.html; status=$?; grep -c '\"program\":' $folder/both.html; "
                  "grep -o 'data-label=.*>' $folder/both.html; grep -c '^begin();$' "
                  "$folder/both.html; rm -r $folder; exit $status");
    process_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(
        strstr(process.out,
               "\n2\ndata-label=\"a &lt;b> &quot;c&quot; &amp; d\">\ndata-label=\"b\">\n1\n"));
    process_start(&process, "scripts/join-runs README.md");
    process_finish(&process);
    process_check_refused(&process, "README.md has no run");
    process_start(&process, "scripts/join-runs nowhere.html");
    process_finish(&process);
    process_check_refused(&process, "nowhere.html can't be read");
}
END_TEST

/* --- The system calls, held against strace's ------------------------------------------------- */

static bool can_trace(void)
{
    static struct process process;

    process_start(&process, "strace -qq -e trace=none true && command -v python3");
    process_finish(&process);
    if (process.status != 0)
        printf("player: skipped, strace or python3 is missing, or may not trace: %s", process.err);
    return process.status == 0;
}

/* What is run under strace, on both drivers. */
struct traced {
    const char *run;
    const char *inject; /* an option of strace's, or empty */
};

enum { MOST_TRACED = 9 };

static void start_traced(struct process *process, const struct traced *traced)
{
    char command[2048];

    snprintf(command, sizeof command,
             "folder=$(mktemp -d); lessons=$(dirname \"$DEMO\")/lessons; status=0; "
             "for timers in fd wheel; do ASAN_OPTIONS=detect_leaks=0 strace -o $folder/calls %s -e "
             "trace=epoll_create1,timerfd_create,timerfd_settime,?timerfd_settime64,?eventfd2,"
             "epoll_ctl,?epoll_wait,?epoll_pwait,read,close %s --quiet --timers=$timers "
             "--html $folder/page.html </dev/null >/dev/null 2>&1; tests/e2e/calls.py "
             "$folder/page.html $folder/calls || { echo \"with $timers\"; status=1; }; done; "
             "rm -r $folder; exit $status",
             traced->inject, traced->run);
    process_start(process, command);
}

/* All at once: mostly they wait. */
static void check_calls(const struct traced *traced, size_t count)
{
    static struct process processes[MOST_TRACED];

    if (!can_trace())
        return;
    for (size_t i = 0; i < count; i++)
        start_traced(&processes[i], &traced[i]);
    for (size_t i = 0; i < count; i++)
        process_finish(&processes[i]);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(processes[i].status == 0, "%s %s: %s%s", traced[i].inject, traced[i].run,
                      processes[i].out, processes[i].err);
}

START_TEST(the_system_calls_in_the_page_are_those_that_strace_shows)
{
    static const struct traced traced[MOST_TRACED] = {
        {"\"$DEMO\"", ""},
        {"\"$DEMO\" --virtual", ""},
        {"\"$DEMO\" --tasks=50", ""},
        {"$lessons/timeout", ""},
        {"$lessons/race --virtual", ""},
        {"$lessons/late-rescued-wake", ""},
        {"$lessons/echo-server --virtual", ""},
        {"$lessons/child-process", ""},
        {"$lessons/blocking-offload", ""},
    };

    check_calls(traced, MOST_TRACED);
}
END_TEST

START_TEST(so_are_calls_that_fail)
{
    static const struct traced traced[] = {
        {"\"$DEMO\"", "-e inject=timerfd_create:error=EMFILE:when=2"},
        {"\"$DEMO\"", "-e inject=timerfd_settime,?timerfd_settime64:error=ENOMEM:when=2"},
        {"\"$DEMO\"", "-e inject=epoll_ctl:error=ENOSPC:when=3"},
        {"\"$DEMO\"", "-e inject=?epoll_wait,?epoll_pwait:error=EINTR:when=2"},
    };

    check_calls(traced, sizeof traced / sizeof traced[0]);
}
END_TEST

Suite *player_suite(void)
{
    Suite *suite = suite_create("player");
    TCase *page = tcase_create("page");
    TCase *calls = tcase_create("calls");

    tcase_add_test(page, the_page_has_every_event_of_the_trace);
    tcase_add_test(page, it_has_the_sources_of_what_ran_and_no_others);
    tcase_add_test(page, it_has_a_policy_by_which_it_loads_nothing);
    tcase_add_test(page, it_has_the_story_and_the_picture);
    tcase_add_test(page, times_count_from_the_first_event);
    tcase_add_test(page, a_page_of_the_demo_is_small);
    tcase_add_test(page, runs_are_joined_in_one_page_with_their_labels);
    suite_add_tcase(suite, page);
    tcase_add_test(calls, the_system_calls_in_the_page_are_those_that_strace_shows);
    tcase_add_test(calls, so_are_calls_that_fail);
    suite_add_tcase(suite, calls);
    return suite;
}
