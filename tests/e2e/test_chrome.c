/* SPDX-License-Identifier: MIT */
/* The trace in the Trace Event Format: held against the trace of the same run by chrome.jq. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "process.h"
#include "suites.h"
#include "views/chrome.h"

enum { EVENTS = 1024 };

/* Says nothing if nothing is wrong. */
#define JUDGE "jq -r --rawfile trace $folder/tsv -f tests/e2e/chrome.jq $folder/json"

/* The command, which looks at what is in $folder, has nothing to say. */
static void judge(const char *command)
{
    struct process process;
    char line[512];

    snprintf(line, sizeof line,
             "command -v jq >/dev/null || exit 77; folder=${folder-$(mktemp -d)}; %s; status=$?; "
             "rm -r $folder; exit $status",
             command);
    process_start(&process, line);
    process_finish(&process);
    if (process.status == 77) {
        puts("chrome: skipped, jq is missing");
        return;
    }
    ck_assert_msg(process.status == 0, "%s", process.err);
    ck_assert_str_eq(process.out, "");
}

static const char *const options[] = {
    "--virtual", "--virtual --timers=wheel", "", "--timers=wheel", "--virtual --fail 2",
};

START_TEST(every_value_agrees_with_the_trace_of_the_same_run)
{
    char command[256];

    snprintf(command, sizeof command,
             "$DEMO %s --quiet --chrome $folder/json --trace $folder/tsv >/dev/null && " JUDGE,
             options[_i]);
    judge(command);
}
END_TEST

START_TEST(so_it_does_for_every_lesson)
{
    judge("for lesson in \"${DEMO%/*}\"/lessons/*; do \"$lesson\" --virtual --chrome $folder/json "
          "--trace $folder/tsv >/dev/null 2>&1 || continue; " JUDGE " || exit; done");
}
END_TEST

/* --- A run of its own ------------------------------------------------------------------------- */

static struct edo_trace_event events[EVENTS];
static struct edo_trace trace;
static struct runtime runtime; /* writing the trace needs its clock */
static struct edo_clock made_up = {.is_virtual = true};
static char text[1 << 17];

/* What is written for `trace`, in `text`. */
static void write_json(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    ck_assert_ptr_nonnull(file);
    chrome_write(&trace, file);
    ck_assert_int_eq(ferror(file), 0);
    fclose(file);
}

static FILE *create(const char *folder, const char *name)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    return file;
}

/* The same of what is written for `trace`. */
static void judge_trace(const char *command)
{
    char folder[] = "/tmp/edo-chrome-XXXXXX";
    FILE *json, *tsv;

    write_json();
    ck_assert_ptr_nonnull(mkdtemp(folder));
    json = create(folder, "json");
    tsv = create(folder, "tsv");
    fputs(text, json);
    edo_trace_write(&trace, tsv);
    fclose(json);
    fclose(tsv);
    setenv("folder", folder, 1);
    judge(command);
    unsetenv("folder");
}

/* The first slice of that name, up to its end. */
static const char *slice(const char *name)
{
    static char line[1024];
    char pattern[64];
    const char *at;

    snprintf(pattern, sizeof pattern, "\"name\":\"%s\",\"args\"", name);
    for (at = text; (at = strstr(at, "{\"ph\":\"X\"")) != NULL; at++) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        if (strstr(line, pattern) != NULL)
            return line;
    }
    ck_abort_msg("no slice %s in:\n%s", name, text);
    return NULL;
}

static void check_slice(const char *name, const char *piece)
{
    ck_assert_msg(strstr(slice(name), piece) != NULL, "no '%s' in:\n%s", piece, slice(name));
}

static void check_lanes(unsigned of_futures, unsigned in_all)
{
    ck_assert_uint_eq(occurrences(text, "\"its futures\""), of_futures);
    ck_assert_uint_eq(occurrences(text, "\"thread_name\""), in_all);
}

static void run_traced(int variant, struct edo_future *future)
{
    edo_trace_init(&trace, events, EVENTS);
    runtime_open_traced(&runtime, variant, &trace);
    runtime_await(&runtime, future);
    runtime_close(&runtime);
}

START_TEST(futures_awaited_side_by_side_have_lanes_of_their_own)
{
    struct edo_sleep sleeps[3];
    struct edo_branch branches[3];
    struct edo_timeout timeout;
    struct edo_join join;
    struct edo_future *children[] = {&timeout.future};
    struct sequence sequence;

    for (int i = 0; i < 3; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(10) * (3 - (unsigned)i));
        branches[i] = (struct edo_branch){.child = &sleeps[i].future};
    }
    edo_join_init(&join, branches, 3);
    edo_timeout_init(&timeout, &join.future, EDO_MS(20));
    sequence_init(&sequence, children, 1);
    run_traced(_i, &sequence.future);
    judge_trace(JUDGE);
    check_lanes(4, 6); /* reactor, task, timeout > join > sleep, two sleeps, the deadline */
    check_slice("timeout", "\"state\":\"TIMEOUT_AWAITS_CANCEL\",\"result\":\"EDO_FAILED\"");
    check_slice("join", "\"state\":\"JOIN_AWAITS_CHILDREN\",\"result\":\"EDO_CANCELLED\"");
    check_slice("sleep", "\"dur\":20000,");
    check_slice("sleep", "\"result\":\"EDO_CANCELLED\",\"timer\":1,\"deadline_ms\":30.000000}");
    check_slice("test", "\"result\":\"EDO_FAILED\",\"error\":\"ETIMEDOUT\"");
}
END_TEST

START_TEST(futures_one_after_another_share_a_lane)
{
    struct edo_sleep sleeps[3];
    struct edo_future *children[3];
    struct sequence sequence;

    for (int i = 0; i < 3; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(1));
        children[i] = &sleeps[i].future;
    }
    sequence_init(&sequence, children, 3);
    run_traced(_i, &sequence.future);
    judge_trace(JUDGE);
    check_lanes(1, 3);
    ck_assert_uint_eq(occurrences(text, "\"name\":\"sleep\""), 3);
}
END_TEST

/* async fn holder(duration) { block(duration) } */
struct holder {
    struct edo_future future;
    uint64_t duration_ns;
};

static enum edo_poll holder_poll(struct edo_future *self, struct edo_context *cx)
{
    const struct holder *holder = edo_container_of(self, struct holder, future);

    edo_clock_advance(&cx->reactor->clock,
                      edo_clock_now(&cx->reactor->clock) + holder->duration_ns);
    return edo_future_done(self, NULL);
}

static const struct edo_future_type holder_type = {.name = "holder", .poll = holder_poll};

START_TEST(a_timer_that_is_late_says_by_how_much_and_why)
{
    struct holder holder = {.duration_ns = EDO_MS(30)};
    struct edo_sleep sleep;
    struct edo_task sleeper, blocker;

    edo_sleep_init(&sleep, EDO_MS(10));
    edo_future_init(&holder.future, &holder_type);
    edo_task_init(&sleeper, "sleeper", &sleep.future);
    edo_task_init(&blocker, "blocker", &holder.future);
    edo_trace_init(&trace, events, EVENTS);
    runtime_open_traced(&runtime, _i, &trace);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &sleeper), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &blocker), 0);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
    judge_trace(JUDGE);
    check_slice("asleep", "\"state\":\"SLEEP_ARMED\",\"woken_by\":\"timer\",\"timer\":1,"
                          "\"deadline_ms\":10.000000,\"late_ms\":20.000000,"
                          "\"not_run_ms\":0.000000,\"held_ms\":20.000000,\"others_ms\":0.000000,"
                          "\"why\":\"blocker held the loop 20.0 ms\"");
}
END_TEST

static struct edo_trace_event *record(enum edo_trace_kind kind, uint32_t task, uint32_t other,
                                      const char *from, const char *to)
{
    struct edo_trace_event *event = edo_record(&trace, kind, other, 0);

    event->task = task;
    event->name = task != 0 ? "task" : NULL;
    event->from = from;
    event->to = to;
    return event;
}

START_TEST(a_thread_that_watches_the_clock_neither_sleeps_nor_runs_tasks)
{
    made_up.virtual_ns = 0;
    edo_trace_init(&trace, events, EVENTS);
    trace.clock = &made_up;
    record(EDO_TRACE_SPAWN, 1, 0, NULL, NULL);
    record(EDO_TRACE_ARM, 1, 1, NULL, NULL)->arg = EDO_MS(10);
    record(EDO_TRACE_ENTER, 0, 0, NULL, NULL);
    edo_clock_advance(&made_up, EDO_MS(8));
    record(EDO_TRACE_LEAVE, 0, 0, NULL, NULL);
    edo_clock_advance(&made_up, EDO_MS(10));
    record(EDO_TRACE_FIRE, 0, 1, NULL, NULL)->arg = EDO_MS(10);
    record(EDO_TRACE_WAKE, 1, 0, "timer", NULL)->arg = 1;
    record(EDO_TRACE_POLL_BEGIN, 1, 0, NULL, NULL);
    edo_clock_advance(&made_up, EDO_MS(13));
    record(EDO_TRACE_POLL_END, 1, 0, NULL, "PENDING");
    record(EDO_TRACE_ENTER, 0, 0, NULL, NULL);
    write_json();
    ck_assert_ptr_nonnull(strstr(text, "\"ts\":0,\"dur\":8000,\"name\":\"epoll_wait\""));
    ck_assert_ptr_nonnull(strstr(text, "\"ts\":8000,\"dur\":2000,\"name\":\"watches the clock\""));
    ck_assert_ptr_nonnull(strstr(text, "\"ts\":10000,\"dur\":3000,\"name\":\"running\""));
}
END_TEST

/* Of task 1, some ms after the event before. */
static void record_state(uint32_t number, uint32_t parent, const char *from, const char *to)
{
    struct edo_trace_event *event;

    edo_clock_advance(&made_up, made_up.virtual_ns + EDO_MS(7));
    event = edo_record(&trace, EDO_TRACE_STATE, number, parent);
    event->task = 1;
    event->name = "type";
    event->from = from;
    event->to = to;
}

/* A task that is in the run queue already stays where it is. */
START_TEST(a_wake_of_who_is_ready_already_has_no_arrow)
{
    edo_trace_init(&trace, events, EVENTS);
    record(EDO_TRACE_SPAWN, 1, 0, NULL, NULL);
    record(EDO_TRACE_WAKE, 1, 0, "program", "again");
    record(EDO_TRACE_POLL_BEGIN, 1, 0, NULL, NULL);
    record(EDO_TRACE_POLL_END, 1, 0, NULL, "PENDING");
    record(EDO_TRACE_WAKE, 1, 0, "program", NULL);
    write_json();
    ck_assert_uint_eq(occurrences(text, "{\"ph\":\"s\""), 1);
    ck_assert_uint_eq(occurrences(text, "{\"ph\":\"f\""), 1);
    judge_trace(JUDGE);
}
END_TEST

/* Against the rule, but a picture of it has to be one. */
START_TEST(a_future_that_was_left_by_its_parent_ends_with_it)
{
    edo_trace_init(&trace, events, EVENTS);
    trace.clock = &made_up;
    record(EDO_TRACE_SPAWN, 1, 0, NULL, NULL);
    for (uint32_t i = 1; i <= 3; i++)
        record_state(i, i - 1, "EDO_START", "AWAITS");
    record_state(2, 0, "AWAITS", "EDO_DONE");
    record_state(4, 1, "EDO_START", "AWAITS");
    judge_trace(JUDGE);
    check_lanes(1, 3);
}
END_TEST

/* Of a ring that was too small: whatever is left of the beginning, the rest is told. One jq reads
 * all of the files; it is slow to start. */
START_TEST(a_trace_without_its_beginning_is_valid)
{
    static struct edo_trace_event few[64];
    char folder[] = "/tmp/edo-chrome-XXXXXX";
    struct edo_sleep sleeps[4];
    struct edo_branch branches[4];
    struct edo_join join;
    FILE *json;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    json = create(folder, "json");
    for (size_t capacity = 1; capacity < 64; capacity++) {
        for (unsigned i = 0; i < 4; i++) {
            edo_sleep_init(&sleeps[i], EDO_MS(10) * (1 + i));
            branches[i] = (struct edo_branch){.child = &sleeps[i].future};
        }
        edo_join_init(&join, branches, 4);
        edo_trace_init(&trace, few, capacity);
        runtime_open_traced(&runtime, FD_VIRTUAL, &trace);
        runtime_await(&runtime, &join.future);
        runtime_close(&runtime);
        write_json();
        fputs(text, json);
        ck_assert_ptr_null(strstr(text, ":-")); /* no counter and no time is negative */
    }
    fclose(json);
    setenv("folder", folder, 1);
    judge("jq -n '[inputs | .traceEvents | length > 4] | select(all and length == 63 | not)' "
          "$folder/json");
}
END_TEST

/* What were quadratic would not end within the time that Check gives. */
START_TEST(a_long_trace_takes_no_time_that_grows_with_its_square)
{
    size_t count = a_million() / 4;
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    edo_trace_init(&trace, calloc(count, sizeof *events), count);
    ck_assert_ptr_nonnull(trace.events);
    for (uint32_t task = 1; trace.recorded + 6 < count; task++) {
        record(EDO_TRACE_SPAWN, task, 0, NULL, NULL);
        record(EDO_TRACE_POLL_BEGIN, task, 0, NULL, NULL);
        record(EDO_TRACE_ARM, task, task, NULL, NULL)->arg = EDO_S(task);
        record(EDO_TRACE_POLL_END, task, 0, NULL, "PENDING");
    }
    chrome_write(&trace, file);
    ck_assert_int_eq(ferror(file), 0);
    ck_assert_int_gt(ftell(file), (long)count);
    fclose(file);
    free(trace.events);
}
END_TEST

Suite *chrome_suite(void)
{
    Suite *suite = suite_create("chrome");
    TCase *tcase = tcase_create("chrome");

    tcase_add_loop_test(tcase, every_value_agrees_with_the_trace_of_the_same_run, 0,
                        sizeof options / sizeof options[0]);
    tcase_add_test(tcase, so_it_does_for_every_lesson);
    tcase_add_loop_test(tcase, futures_awaited_side_by_side_have_lanes_of_their_own, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(tcase, futures_one_after_another_share_a_lane, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(tcase, a_timer_that_is_late_says_by_how_much_and_why, 0, VIRTUAL_VARIANTS);
    tcase_add_test(tcase, a_thread_that_watches_the_clock_neither_sleeps_nor_runs_tasks);
    tcase_add_test(tcase, a_wake_of_who_is_ready_already_has_no_arrow);
    tcase_add_test(tcase, a_future_that_was_left_by_its_parent_ends_with_it);
    tcase_add_test(tcase, a_trace_without_its_beginning_is_valid);
    tcase_add_test(tcase, a_long_trace_takes_no_time_that_grows_with_its_square);
    suite_add_tcase(suite, tcase);
    return suite;
}
