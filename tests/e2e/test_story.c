/* SPDX-License-Identifier: MIT */
/* What scripts/strace-story tells, held to the trace of the same run; and where it puts the causes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum { MOST_EVENTS = 32, MOST_TASKS = 8, TIMERS = 7 };

/* A timer is armed, or fires. */
struct event {
    bool is_arm;
    long id;
    long fd; /* -1 when it fires: the story needn't tell it again */
    char task[32];
};

struct events {
    struct event list[MOST_EVENTS];
    size_t count;
};

/* Each tells its story on stdout, and writes the trace of that same run to stderr. */
enum { REAL, VIRTUAL, ONE_FAILS, OLD_STRACE, NEW_STRACE, RUNS };

static const char *const arguments[RUNS] = {"", "--virtual", "--fail 3", "", ""};

#define KEEPING_THE_TRACE \
    "trace=$(mktemp); scripts/strace-story $DEMO --trace $trace %s; status=$?; " \
    "cat $trace >&2; rm $trace; exit $status"

/* A strace whose file of calls is edited afterwards, by these options of sed. */
#define EDITED(edits) \
    "folder=$(mktemp -d); strace=$(command -v strace); export strace; " \
    "cat >$folder/strace <<'END'\n" \
    "#!/bin/sh\n" \
    "$strace \"$@\"; status=$?\n" \
    "for word; do [ \"$last\" != -o ] || file=$word; last=$word; done\n" \
    "[ ! -f \"$file\" ] || sed -i \"$file\" " edits "\n" \
    "exit $status\n" \
    "END\n" \
    "chmod +x $folder/strace; PATH=$folder:$PATH; (" KEEPING_THE_TRACE "); status=$?; " \
    "rm -r $folder; exit $status"

static const char *const commands[RUNS] = {
    [REAL] = KEEPING_THE_TRACE,
    [VIRTUAL] = KEEPING_THE_TRACE,
    [ONE_FAILS] = KEEPING_THE_TRACE,
    /* As strace 5 shows events, on a machine without epoll_wait. */
    [OLD_STRACE] = EDITED("-e 's/{events=EPOLLIN, data=/{EPOLLIN, /' "
                          "-e 's/{EPOLLIN, 0x\\([0-9]\\)}/{EPOLLIN, {u32=\\1, u64=\\1}}/' "
                          "-e 's/ epoll_wait(\\(.*\\)) *= / epoll_pwait(\\1, NULL, 8) = /'"),
    /* As strace 6.13 shows them (D43). */
    [NEW_STRACE] = EDITED("-e 's/data={u32=\\([0-9]\\), u64=[0-9]}/data=0x\\1/'"),
};

/* The ids 26 to 29 as strace 5, 6.0 and 6.13 show them, and looks, in what a strace is made to say.
 */
#define FAKED \
    "folder=$(mktemp -d); cat >$folder/strace <<'END'\n" \
    "#!/bin/sh\n" \
    "for word; do [ \"$last\" != -o ] || file=$word; last=$word; done\n" \
    "[ -n \"$file\" ] || exit 0\n" \
    "cat >\"$file\" <<'CALLS'\n" \
    "0.0 epoll_create1(EPOLL_CLOEXEC) = 3 <0.1>\n" \
    "0.0 epoll_wait(3, [{EPOLLIN, {u32=26, u64=26}}], 128, -1) = 1 <0.1>\n" \
    "0.0 epoll_wait(3, [{events=EPOLLIN, data={u32=27, u64=27}}], 128, -1) = 1 <0.1>\n" \
    "0.0 epoll_wait(3, [{events=EPOLLIN, data=0x1c}, {events=EPOLLIN, data=0x1d}], 128, -1) = 2 " \
    "<0.1>\n" \
    "0.0 epoll_wait(3, [{events=EPOLLIN, data=0}], 128, -1) = 1 <0.1>\n" \
    "0.0 epoll_wait(3, [], 128, 0)               = 0 <0.0>\n" \
    "0.0 epoll_pwait(3, [], 128, 0, NULL, 8)     = 0 <0.0>\n" \
    "0.0 epoll_wait(3, [{EPOLLIN, {u32=30, u64=30}}], 128, 0) = 1 <0.0>\n" \
    "CALLS\n" \
    "END\n" \
    "chmod +x $folder/strace; PATH=$folder:$PATH scripts/strace-story $DEMO; status=$?; " \
    "rm -r $folder; exit $status"

/* Two sleeps with the wheel, and what was said between them: the first call is at 0, and the trace
 * has a clock of its own. What is called "early" begins before the first sleep and ends after it.
 */
#define FAKED_CAUSES \
    "folder=$(mktemp -d); cat >$folder/strace <<'END'\n" \
    "#!/bin/sh\n" \
    "for word; do [ \"$last\" != -o ] || file=$word; last=$word; done\n" \
    "[ -n \"$file\" ] || exit 0\n" \
    "cat >\"$file\" <<'CALLS'\n" \
    "0.0 epoll_create1(EPOLL_CLOEXEC) = 3 <0.001>\n" \
    "0.010 epoll_wait(3, [{events=EPOLLIN, data={u32=0, u64=0}}], 128, -1) = 1 <0.100>\n" \
    "0.110 epoll_wait(3, [{events=EPOLLIN, data={u32=0, u64=0}}], 128, -1) = 1 <0.100>\n" \
    "0.110 write(1, \"110.0 ms one first\\n\", 19) = 19 <0.001>\n" \
    "0.010 write(1, \"120.0 ms one second\\n\", 20) = 20 <0.001>\n" \
    "0.010 epoll_wait(3, [{events=EPOLLIN, data={u32=0, u64=0}}], 128, -1) = 1 <0.100>\n" \
    "0.200 write(1, \"200.0 ms one third\\n\", 19) = 19 <0.001>\n" \
    "CALLS\n" \
    "END\n" \
    "chmod +x $folder/strace; " \
    "printf '# edo trace 2, pid 1, 40 events dropped\\n' >$folder/trace; " \
    "while read -r seq us kind; do " \
    "printf '%s\\t%s000\\t%s\\t1\\t0\\t-\\t-\\t-1\\t0\\t-\\n' $seq $us $kind; " \
    "done >>$folder/trace <<'END'\n" \
    "40 5005000 spawn\n" \
    "41 5009000 enter\n" \
    "42 5111000 leave\n" \
    "43 5115000 poll_begin\n" \
    "44 5125000 poll_begin\n" \
    "45 5135000 poll_begin\n" \
    "46 5136000 enter\n" \
    "47 5136010 leave\n" \
    "48 5139000 enter\n" \
    "49 5241000 leave\n" \
    "50 5250000 poll_begin\n" \
    "END\n" \
    "printf '# edo story 1, pid 1\\n41\\t  1.0 ms  sleeps\\n40-42\\t  0.0 ms  early\\n" \
    "43\\t  3.0 ms  before both\\n44\\t  4.0 ms  between\\n45\\t  5.0 ms  behind both\\n" \
    "43\\t  3.0 ms  told later;\\n45\\t            with a part\\n" \
    "48\\t  8.0 ms  sleeps again\\n50\\t 10.0 ms  at last\\n' >$folder/story; " \
    "PATH=$folder:$PATH scripts/strace-story $DEMO --trace $folder/trace --story $folder/story; " \
    "status=$?; rm -r $folder; exit $status"

/* No strace runs, so nobody writes to the file that is told to be the trace. */
#define OF_ANOTHER_VERSION(option, line) \
    "folder=$(mktemp -d); printf '#!/bin/sh\\n' >$folder/strace; chmod +x $folder/strace; " \
    "echo '" line "' >$folder/file; " \
    "PATH=$folder:$PATH scripts/strace-story $DEMO " option " $folder/file; status=$?; " \
    "rm -r $folder; exit $status"

/* In a folder, and as a program, of names that a shell and an awk could stumble over. */
#define OF_ANY_NAME(program, options) \
    "folder=$(mktemp -d)'/a \\t b'; mkdir \"$folder\"; " \
    "printf '%s\\n' '#!/bin/sh' '" program "' >\"$folder/the program\"; " \
    "chmod +x \"$folder/the program\"; " \
    "scripts/strace-story \"$folder/the program\" " options "; status=$?; " \
    "rm -r \"$(dirname \"$folder\")\"; exit $status"

/* The shell becomes the demo. */
#define SIGNALLED(by) OF_ANY_NAME("(sleep 0.3; kill -" by " $$) & exec \"$DEMO\" \"$@\"", "")

/* An empty PATH, or one with a strace that may not do anything, is all that these need. */
#define WITHOUT_STRACE \
    "folder=$(mktemp -d); PATH=$folder /bin/sh scripts/strace-story /bin/sh; " \
    "status=$?; rm -r $folder; exit $status"
#define WITHOUT_PTRACE \
    "folder=$(mktemp -d); printf '#!/bin/sh\\nexit 1\\n' >$folder/strace; chmod +x " \
    "$folder/strace; " \
    "PATH=$folder /bin/sh scripts/strace-story /bin/sh; status=$?; rm -r $folder; exit $status"

static struct process runs[RUNS], raw, faked, senseless, missing, nothing, no_strace, no_ptrace;
static struct process wheel, laid, other_trace, other_story, odd_names, killed, interrupted,
    lessons;

/* Of those that can be traced. */
#define EACH_LESSON \
    "for lesson in \"$(dirname \"$DEMO\")\"/lessons/*; do " \
    "\"$lesson\" --help | grep -q -e --story || continue; echo \"$lesson:\"; " \
    "scripts/strace-story \"$lesson\" --virtual || echo \"$lesson: status $?\" >&2; done"
static bool can_trace;

static void start_all(void)
{
    struct process probe;
    char command[1024];

    process_start(&faked, FAKED);
    process_start(&laid, FAKED_CAUSES);
    process_start(&probe, "strace -qq -e trace=none true");
    process_finish(&probe);
    can_trace = probe.status == 0;
    if (!can_trace)
        printf("story: skipped, strace is missing or may not trace: %s", probe.err);
    fflush(stdout);
    process_start(&missing, "exec scripts/strace-story build/nothing-of-that-name");
    process_start(&nothing, "exec scripts/strace-story --raw");
    process_start(&no_strace, WITHOUT_STRACE);
    process_start(&no_ptrace, WITHOUT_PTRACE);
    process_start(&other_trace, OF_ANOTHER_VERSION("--trace", "# edo trace 1, pid 1"));
    process_start(&other_story, OF_ANOTHER_VERSION("--story", "# edo story 9, pid 1"));
    for (int i = 0; i < RUNS && can_trace; i++) {
        snprintf(command, sizeof command, commands[i], arguments[i]);
        process_start(&runs[i], command);
    }
    if (can_trace) {
        process_start(&raw, "exec scripts/strace-story --raw $DEMO");
        process_start(&senseless, "exec scripts/strace-story $DEMO --frobnicate");
        process_start(&wheel, "exec scripts/strace-story $DEMO --timers=wheel");
        process_start(&odd_names,
                      OF_ANY_NAME("exec \"$DEMO\" \"$@\"", "--trace \"$folder/the trace\" "
                                                           "--story=\"$folder/the story\""));
        process_start(&killed, SIGNALLED("KILL"));
        process_start(&interrupted, SIGNALLED("INT"));
        process_start(&lessons, EACH_LESSON);
        process_finish(&raw);
        process_finish(&senseless);
        process_finish(&wheel);
        process_finish(&odd_names);
        process_finish(&killed);
        process_finish(&interrupted);
        process_finish(&lessons);
    }
    for (int i = 0; i < RUNS && can_trace; i++)
        process_finish(&runs[i]);
    process_finish(&faked);
    process_finish(&laid);
    process_finish(&missing);
    process_finish(&nothing);
    process_finish(&no_strace);
    process_finish(&no_ptrace);
    process_finish(&other_trace);
    process_finish(&other_story);
}

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

static void add_event(struct events *events, bool is_arm, long id, long fd, const char *task)
{
    struct event *event = &events->list[events->count++];

    ck_assert_uint_le(events->count, MOST_EVENTS);
    event->is_arm = is_arm;
    event->id = id;
    event->fd = fd;
    snprintf(event->task, sizeof event->task, "%s", task);
}

/* What the trace holds that is a system call: on the virtual clock no timer expires. A timer fires
 * in no task; it is that of who armed it. */
static void read_trace(const char *text, bool is_virtual, struct events *events)
{
    char line[512], kind[16], name[32], names[MOST_TASKS][32] = {""};
    unsigned task, owner[MOST_EVENTS] = {0};
    long other, fd;

    events->count = 0;
    while (next_line(&text, line, sizeof line)) {
        if (sscanf(line, "%*s %*s %15s %u %ld %*s %*s %ld %*s %31[^\n]", kind, &task, &other, &fd,
                   name) != 5)
            continue;
        ck_assert_uint_lt(task, MOST_TASKS);
        if (strcmp(kind, "spawn") == 0)
            snprintf(names[task], sizeof names[task], "%s", name);
        if (strcmp(kind, "arm") != 0 && strcmp(kind, "fire") != 0)
            continue;
        ck_assert(other > 0 && other < MOST_EVENTS);
        if (strcmp(kind, "arm") == 0) {
            owner[other] = task;
            add_event(events, true, other, fd, names[task]);
        } else if (!is_virtual)
            add_event(events, false, other, -1, names[owner[other]]);
    }
}

/* What the story says of the same. */
static void read_story(const char *text, struct events *events)
{
    char line[512], name[32];
    long id, fd;

    events->count = 0;
    while (next_line(&text, line, sizeof line)) {
        size_t length = strlen(line);

        if (length > 0 && line[length - 1] == ')')
            line[length - 1] = '\0';
        if (sscanf(line, "%*f ms epoll watches fd %ld as id %ld (%31[^\n]", &fd, &id, name) == 3)
            add_event(events, true, id, fd, name);
        else if (sscanf(line, "%*f ms id %ld is ready, %*[^(](%31[^\n]", &id, name) == 2)
            add_event(events, false, id, -1, name);
    }
}

START_TEST(it_tells_what_the_trace_holds)
{
    struct events traced, told;

    if (!can_trace)
        return;
    ck_assert_msg(runs[_i].status == 0, "%.3000s", runs[_i].err);
    read_trace(runs[_i].err, _i == VIRTUAL, &traced);
    read_story(runs[_i].out, &told);
    ck_assert_uint_eq(traced.count, _i == VIRTUAL ? TIMERS : 2 * TIMERS);
    ck_assert_msg(told.count == traced.count, "%.3000s", runs[_i].out);
    for (size_t i = 0; i < traced.count; i++) {
        const struct event *real = &traced.list[i], *event = &told.list[i];

        ck_assert_msg(event->is_arm == real->is_arm && event->id == real->id &&
                          event->fd == real->fd && strcmp(event->task, real->task) == 0,
                      "%s of id %ld (%s) instead of %s of id %ld (%s)",
                      event->is_arm ? "arm" : "fire", event->id, event->task,
                      real->is_arm ? "arm" : "fire", real->id, real->task);
    }
}
END_TEST

START_TEST(every_timer_has_a_whole_life)
{
    static const struct {
        const char *sentence;
        bool is_of_real_time;
    } stations[] = {
        {" gets a timer: fd ", false}, {" is set to ", true},     {"epoll watches fd ", false},
        {" is ready, ", true},         {": expired once ", true}, {"epoll forgets fd ", false},
        {" is closed ", false},
    };
    const char *story = runs[_i].out;

    if (!can_trace)
        return;
    for (size_t i = 0; i < sizeof stations / sizeof stations[0]; i++) {
        unsigned times = _i == VIRTUAL && stations[i].is_of_real_time ? 0 : TIMERS;

        ck_assert_msg(occurrences(story, stations[i].sentence) == times, "%s: %.3000s",
                      stations[i].sentence, story);
    }
    ck_assert_ptr_null(strstr(story, "somebody"));
    ck_assert_int_eq(strncmp(story, "  0.0 ms  the reactor opens its epoll: fd ", 42), 0);
    ck_assert_ptr_nonnull(strstr(story, "the reactor closes its epoll: fd "));
    ck_assert_ptr_nonnull(strstr(story, " ms  the program exits, status 0\n"));
}
END_TEST

/* Whether a timer was late by half of what lies between two deadlines, or more. Then the next may
 * be due with it. */
static bool was_very_late(const char *story)
{
    while ((story = strstr(story, " came due,")) != NULL) {
        story += strlen(" came due,");
        if (strtod(story, NULL) >= 50)
            return true;
    }
    return false;
}

/* So many as there are timers; but one sleep may serve two that are due together. */
static void check_sleeps(const char *story, const char *sleep)
{
    unsigned sleeps = occurrences(story, sleep);

    ck_assert_msg(was_very_late(story) ? sleeps <= TIMERS : sleeps == TIMERS, "%.3000s", story);
}

/* It sleeps until each deadline, once, and never for nothing. How often it only looks beside that
 * depends on the machine. */
START_TEST(it_sleeps_once_for_each_deadline)
{
    const char *story = runs[_i].out;

    if (!can_trace)
        return;
    if (_i == VIRTUAL)
        ck_assert_ptr_null(strstr(story, "asleep in epoll_wait"));
    else
        check_sleeps(story, "no task is ready: asleep in epoll_wait\n");
    ck_assert_ptr_null(strstr(story, "nothing is ready, "));
}
END_TEST

START_TEST(a_look_is_told_as_one)
{
    ck_assert_uint_eq(occurrences(faked.out, " ms  a task is ready: only a look, nothing is due\n"),
                      2);
    ck_assert_ptr_nonnull(strstr(faked.out, " ms  id 30 is ready, at a look\n"));
}
END_TEST

/* D43 */
START_TEST(an_id_is_known_in_every_form_that_strace_gives_it)
{
    static const char *const told[] = {
        "id 26 is ready, after 100.0 ms asleep\n", "id 27 is ready, after 100.0 ms asleep\n",
        "id 28 is ready, after 100.0 ms asleep\n", "id 29 is ready, too\n",
        "id 0 is ready, after 100.0 ms asleep\n",
    };

    ck_assert_msg(faked.status == 0, "%s", faked.err);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        ck_assert_msg(strstr(faked.out, told[i]) != NULL, "no %s in: %s", told[i], faked.out);
    ck_assert_uint_eq(occurrences(faked.out, " is ready, "), sizeof told / sizeof told[0] + 1);
}
END_TEST

/* A line of one. */
static bool is_cause(const char *line)
{
    return strncmp(line, "          ", 10) == 0;
}

START_TEST(time_does_not_run_backwards)
{
    const char *at = runs[_i].out;
    double now, last = 0;
    char line[512];

    if (!can_trace)
        return;
    while (next_line(&at, line, sizeof line)) {
        ck_assert_msg(strlen(line) <= 80, "more than 80 columns: %s", line);
        if (strncmp(line, "Phase ", 6) == 0 || is_cause(line))
            continue;
        ck_assert_msg(strstr(line, " ms  ") != NULL, "no time in: %s", line);
        now = strtod(line, NULL);
        ck_assert_msg(now >= last, "after %.1f ms: %s", last, line);
        last = now;
    }
    if (_i == REAL)
        ck_assert(last >= 550);
}
END_TEST

/* Checks that the pieces stand in `text`, each behind the one before it. */
static void check_order(const char *text, const char *const *pieces, size_t count)
{
    const char *at = text;

    for (size_t i = 0; i < count; i++) {
        const char *found = strstr(at, pieces[i]);

        ck_assert_msg(found != NULL, "no '%s' behind '%s' in: %.3000s", pieces[i],
                      i > 0 ? pieces[i - 1] : "", text);
        at = found + strlen(pieces[i]);
    }
}

#define CHECK_ORDER(text, ...) \
    check_order(text, (const char *const[]){__VA_ARGS__}, \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* The same for each timer: nobody is told to have armed one that epoll doesn't watch yet, or to be
 * woken by one that is watched still. */
START_TEST(causes_stand_behind_the_calls_that_they_follow)
{
    char watched[64], armed[64], ready[64], due[64];

    if (!can_trace)
        return;
    for (int id = 1; id <= TIMERS; id++) {
        sprintf(watched, " as id %d ", id);
        sprintf(armed, "arms id %d for ", id);
        sprintf(ready, "ms  id %d is ready, ", id);
        sprintf(due, "\n          -> id %d came due, ", id);
        CHECK_ORDER(runs[_i].out, "epoll watches fd ", watched, armed, "every task waits; ",
                    "asleep in epoll_wait\n", ready, " is read: ", "epoll forgets fd ",
                    " is closed ", due, "-> polled");
    }
}
END_TEST

START_TEST(with_the_wheel_causes_stand_around_the_sleep)
{
    char armed[64], first[64], due[64];

    if (!can_trace)
        return;
    ck_assert_msg(wheel.status == 0, "%s", wheel.err);
    for (int id = 1; id <= TIMERS; id++) {
        sprintf(armed, "arms id %d for ", id);
        sprintf(first, "-> every task waits; id %d is due first, in ", id);
        sprintf(due, "\n          -> id %d came due, ", id);
        CHECK_ORDER(wheel.out, armed, first, " is set to the time ", "asleep in epoll_wait\n",
                    "id 0 is ready, ", due, "-> polled");
    }
}
END_TEST

/* Its lines are no calls of the runtime's; the phases are in the trace too. How long a poll took is
 * told in between, if it was long. */
START_TEST(a_phase_has_the_heading_that_the_program_prints)
{
    if (!can_trace)
        return;
    CHECK_ORDER(runs[_i].out, "-> the program spawns async_main",
                "\nPhase 1, sequential: ", "-> async_main polled",
                ": EDO_START -> MAIN_AWAITS_FETCH", "-> id 1 came due",
                "\nPhase 2, parallel: ", "-> async_main goes on: spawns ", "-> id 4 came due",
                "\nPhase 3, sequential loop: ", "-> async_main goes on: MAIN_AWAITS_TASKS");
    ck_assert_ptr_null(strstr(runs[_i].out, "phase: "));
}
END_TEST

START_TEST(a_sentence_of_cause_is_told_whole)
{
    if (!can_trace)
        return;
    CHECK_ORDER(runs[VIRTUAL].out,
                " is closed                          (async_task(1))\n"
                "          -> id 2 came due, 0.0 ms late -> wakes async_task(1)\n"
                "               -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> "
                "wakes async_main\n"
                "          -> async_main polled: still MAIN_AWAITS_TASKS\n");
}
END_TEST

/* What came due stands behind the close of its fd, what the same poll armed behind the next fd's
 * being watched. */
START_TEST(a_sentence_that_calls_come_into_says_again_who_it_is_about)
{
    if (!can_trace)
        return;
    CHECK_ORDER(runs[VIRTUAL].out, "-> id 5 came due, ", "says: process_item(1) started\n",
                " as id 6              (async_main)\n"
                "          -> async_main goes on: arms id 6 for 50 ms\n");
}
END_TEST

/* The times of the two are compared only for that. */
START_TEST(what_a_task_says_stands_behind_what_woke_it)
{
    static const char *const pieces[] = {"-> id 1 came due, ", "says: fetch_data(1) completed",
                                         "-> id 2 came due, ", "says: async_task(1) completed",
                                         "-> id 3 came due, ", "says: async_task(2) completed",
                                         "-> id 4 came due, ", "says: async_task(3) completed",
                                         "-> id 5 came due, ", "says: process_item(0) completed"};
    const size_t count = sizeof pieces / sizeof pieces[0];
    const char *story = _i == REAL ? runs[REAL].out : wheel.out;

    if (!can_trace)
        return;
    for (size_t i = 0; i < count; i += 2)
        check_order(story, &pieces[i], 2);
    if (!was_very_late(story))
        check_order(story, pieces, count);
}
END_TEST

START_TEST(causes_are_laid_by_the_sleeps_and_between_them_by_the_clock)
{
    ck_assert_msg(laid.status == 0, "%s", laid.err);
    ck_assert_str_eq(laid.out, "  0.0 ms  the reactor opens its epoll: fd 3\n"
                               " 10.0 ms  no task is ready: asleep in epoll_wait\n"
                               "110.0 ms  id 0 is ready, after 100.0 ms asleep\n"
                               "          -> sleeps\n"
                               "120.0 ms  no task is ready: asleep in epoll_wait\n"
                               "220.0 ms  id 0 is ready, after 100.0 ms asleep\n"
                               "          -> early\n"
                               "          -> before both\n"
                               "230.0 ms  says: one first\n"
                               "          -> between\n"
                               "240.0 ms  says: one second\n"
                               "          -> behind both\n"
                               "          -> told later;\n"
                               "               with a part\n"
                               "          -> sleeps again\n"
                               "250.0 ms  no task is ready: asleep in epoll_wait\n"
                               "350.0 ms  id 0 is ready, after 100.0 ms asleep\n"
                               "          -> at last\n"
                               "450.0 ms  says: one third\n");
}
END_TEST

START_TEST(files_may_have_any_name)
{
    if (!can_trace)
        return;
    ck_assert_msg(odd_names.status == 0 && *odd_names.err == '\0', "%s", odd_names.err);
    CHECK_ORDER(odd_names.out, "(async_main)\n", "-> id 7 came due, ");
}
END_TEST

START_TEST(a_program_that_is_killed_is_told_without_causes)
{
    if (!can_trace)
        return;
    ck_assert_int_eq(killed.status, 128 + 9);
    ck_assert_ptr_null(strstr(killed.out, "->"));
    ck_assert(*killed.out == '\0' ||
              strstr(killed.out, " ms  the program is killed by SIGKILL") != NULL);
}
END_TEST

/* On a machine where it had not begun by then, or was over, there is nothing to see. */
START_TEST(a_program_that_is_interrupted_is_told_with_the_causes_until_then)
{
    if (!can_trace || strstr(interrupted.out, "asleep in epoll_wait") == NULL ||
        interrupted.status == 0)
        return;
    ck_assert_int_eq(interrupted.status, 128 + 2);
    CHECK_ORDER(interrupted.out, "-> the program spawns async_main", "\nphase: interrupted\n",
                " ms  the program is killed by SIGINT\n");
}
END_TEST

START_TEST(every_lesson_that_can_be_traced_is_told_with_its_causes)
{
    const char *at = lessons.out;
    char line[512];
    unsigned causes = 1;

    if (!can_trace)
        return;
    ck_assert_str_eq(lessons.err, "");
    while (next_line(&at, line, sizeof line)) {
        bool is_name = strstr(line, "/lessons/") != NULL;

        ck_assert_msg(is_name || strlen(line) <= 100, "more than 100 columns: %s", line);
        ck_assert_msg(!is_name || causes > 0, "no cause before %s", line);
        causes = is_name ? 0 : causes + is_cause(line);
    }
    ck_assert_uint_gt(causes, 0);
}
END_TEST

START_TEST(raw_shows_strace_s_own_lines)
{
    static const struct {
        const char *call;
        unsigned times;
    } calls[] = {
        {"epoll_create1(EPOLL_CLOEXEC)", 1},
        {"timerfd_create(CLOCK_MONOTONIC, ", TIMERS},
        {"timerfd_settime(", TIMERS},
        {"epoll_ctl(", 2 * TIMERS},
        {"read(", TIMERS},
        {"close(", TIMERS + 1},
    };
    char line[64];

    if (!can_trace)
        return;
    ck_assert_msg(raw.status == 0, "%s", raw.err);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        sprintf(line, "\n          %s", calls[i].call);
        ck_assert_msg(occurrences(raw.out, line) == calls[i].times, "%s: %.3000s", line, raw.out);
    }
    check_sleeps(raw.out, ", 128, -1"); /* of epoll_wait or _pwait */
    ck_assert_uint_eq(
        occurrences(raw.out, "as id 1              (async_main)\n          epoll_ctl("), 1);
}
END_TEST

START_TEST(the_exit_status_is_the_program_s)
{
    if (!can_trace)
        return;
    ck_assert_int_eq(senseless.status, 2);
    ck_assert_str_eq(senseless.out, "");
    ck_assert_ptr_nonnull(strstr(senseless.err, "unknown option '--frobnicate'"));
}
END_TEST

START_TEST(what_cannot_be_told_is_refused)
{
    process_check_refused(&missing, "strace-story: no such program: build/nothing-of-that-name");
    process_check_refused(&nothing, "strace-story: usage: ");
    process_check_refused(&no_strace, "strace-story: strace is missing");
    process_check_refused(&no_ptrace, "strace-story: strace may not trace here");
    process_check_refused(&other_trace, "not of the version that is read here, edo trace 2: "
                                        "# edo trace 1, pid 1");
    process_check_refused(&other_story, "not of the version that is read here, edo story 1: "
                                        "# edo story 9, pid 1");
}
END_TEST

Suite *story_suite(void)
{
    Suite *suite = suite_create("story");
    TCase *tcase = tcase_create("story");

    tcase_add_unchecked_fixture(tcase, start_all, NULL);
    tcase_add_loop_test(tcase, it_tells_what_the_trace_holds, 0, RUNS);
    tcase_add_loop_test(tcase, every_timer_has_a_whole_life, 0, RUNS);
    tcase_add_loop_test(tcase, it_sleeps_once_for_each_deadline, 0, RUNS);
    tcase_add_test(tcase, a_look_is_told_as_one);
    tcase_add_test(tcase, an_id_is_known_in_every_form_that_strace_gives_it);
    tcase_add_loop_test(tcase, time_does_not_run_backwards, 0, RUNS);
    tcase_add_loop_test(tcase, causes_stand_behind_the_calls_that_they_follow, REAL, REAL + 1);
    tcase_add_loop_test(tcase, causes_stand_behind_the_calls_that_they_follow, OLD_STRACE, RUNS);
    tcase_add_test(tcase, with_the_wheel_causes_stand_around_the_sleep);
    tcase_add_loop_test(tcase, a_phase_has_the_heading_that_the_program_prints, 0, VIRTUAL + 1);
    tcase_add_test(tcase, a_sentence_of_cause_is_told_whole);
    tcase_add_test(tcase, a_sentence_that_calls_come_into_says_again_who_it_is_about);
    tcase_add_loop_test(tcase, what_a_task_says_stands_behind_what_woke_it, 0, 2);
    tcase_add_test(tcase, causes_are_laid_by_the_sleeps_and_between_them_by_the_clock);
    tcase_add_test(tcase, files_may_have_any_name);
    tcase_add_test(tcase, a_program_that_is_killed_is_told_without_causes);
    tcase_add_test(tcase, a_program_that_is_interrupted_is_told_with_the_causes_until_then);
    tcase_add_test(tcase, every_lesson_that_can_be_traced_is_told_with_its_causes);
    tcase_add_test(tcase, raw_shows_strace_s_own_lines);
    tcase_add_test(tcase, the_exit_status_is_the_program_s);
    tcase_add_test(tcase, what_cannot_be_told_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
