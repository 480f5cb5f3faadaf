/* SPDX-License-Identifier: MIT */
/* The lessons from outside, on the virtual clock: each prints what its file in tests/e2e/lessons
 * has. After a change that is wanted, make these anew, and look at the difference:
 *
 *   for lesson in $(make -s lessons | awk '{ print $2 }'); do
 *       LC_ALL=C build/lessons/$lesson --virtual >tests/e2e/lessons/$lesson.out
 *   done */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"
#include "views/unwoken.h"

enum { MOST_LINES = 80, MOST_COLUMNS = 80 };

/* Whole servers. */
enum { MOST_LINES_OF_SERVER = 158 };

/* In teaching order. */
static const char *const lessons[] = {
    "who-calls-the-waker",
    "await-macro",
    "callbacks-vs-futures",
    "spawn-vs-join-vs-loop",
    "race",
    "timeout",
    "timeout-in-a-loop",
    "interval-vs-drifting-loop",
    "retry",
    "failing-task",
    "cancel-a-tree",
    "producer-consumer",
    "blocked-loop",
    "starvation",
    "lost-wakeup",
    "late-rescued-wake",
    "buffered-futures",
    "your-own-future",
    "echo-server",
    "bytes-lost-on-cancel",
    "lines",
    "backpressure",
    "blocking-offload",
    "child-process",
    "signals",
    "two-loops",
    "fetch-over-tcp",
    "chat",
    "reactor-per-thread",
    "rate-limiter",
    "supervisor",
    "protocol-test",
};

enum { LESSONS = sizeof lessons / sizeof lessons[0] };

/* Runs the lesson `i` as `before` LESSON `after`. */
static void run_lesson(struct process *process, int i, const char *before, const char *after)
{
    char command[512];

    snprintf(command, sizeof command, "lesson=$(dirname \"$DEMO\")/lessons/%s; %s \"$lesson\" %s",
             lessons[i], before, after);
    process_start(process, command);
    process_finish(process);
}

/* The text of a file, fewer bytes than `size`. */
static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t length;

    ck_assert_msg(file != NULL, "no %s", path);
    length = fread(text, 1, size, file);
    ck_assert_uint_lt(length, size);
    text[length] = '\0';
    fclose(file);
}

/* The source of a lesson, without the line of its licence. */
static void read_source(int i, char *text, size_t size)
{
    static const char licence[] = "/* SPDX-License-Identifier: MIT */\n";
    size_t length = strlen(licence);
    char path[128];

    snprintf(path, sizeof path, "demo/lessons/%s.c", lessons[i]);
    read_file(path, text, size);
    ck_assert_int_eq(strncmp(text, licence, length), 0);
    memmove(text, text + length, strlen(text + length) + 1);
}

/* Columns, and not bytes: the continuation bytes of UTF-8 don't count. */
static void check_width(const char *text)
{
    unsigned column = 0;

    for (; *text != '\0'; text++) {
        if (*text == '\n')
            column = 0;
        else if (((unsigned char)*text & 0xc0) != 0x80)
            column++;
        ck_assert_uint_le(column, MOST_COLUMNS);
    }
}

/* What a lesson prints in the locale C. */
static void read_expected(int i, char *text, size_t size)
{
    char path[128];

    snprintf(path, sizeof path, "tests/e2e/lessons/%s.out", lessons[i]);
    read_file(path, text, size);
}

START_TEST(it_prints_what_is_expected_in_80_columns)
{
    char expected[8192];
    struct process process;

    read_expected(_i, expected, sizeof expected);
    run_lesson(&process, _i, "LC_ALL=C", "--virtual");
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, expected);
    run_lesson(&process, _i, "LC_ALL=C.UTF-8", "--virtual");
    ck_assert_int_eq(process.status, 0);
    check_width(process.out);
}
END_TEST

START_TEST(it_asks_a_question_says_what_to_look_at_and_answers)
{
    char expected[8192];
    const char *at = expected, *timeline;

    read_expected(_i, expected, sizeof expected);
    ck_assert_int_eq(strncmp(at, "Question: ", 10), 0);
    at = strchr(at, '\n');
    ck_assert_int_eq(strncmp(at, "\nLook at:  ", 11), 0);
    at = strstr(at, "\n\n");
    ck_assert_ptr_nonnull(at);
    timeline = strstr(at, "\n\nms  ");
    at = timeline != NULL ? timeline : strstr(at, "\n\ns   "); /* where it takes long */
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(at, "\n\nAnswer:   "));
    check_width(expected);
}
END_TEST

/* All of them in one run, on the other timer driver: it prints the same. */
START_TEST(it_writes_all_views)
{
    char expected[8192];
    struct process process;

    read_expected(_i, expected, sizeof expected);
    run_lesson(
        &process, _i, "folder=$(mktemp -d); LC_ALL=C",
        "--virtual --timers=wheel --trace $folder/trace --svg $folder/svg "
        "--chrome $folder/chrome; status=$?; "
        "(cd $folder && cat trace svg && head -n 3 chrome) >&2; rm -r $folder; exit $status");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, expected);
    ck_assert_int_eq(strncmp(process.err, "# edo trace ", 12), 0);
    ck_assert_ptr_nonnull(strstr(process.err, "\n</svg>\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "\"traceEvents\""));
}
END_TEST

START_TEST(it_can_be_stepped_to_the_end_or_left)
{
    struct process process;

    run_lesson(&process, _i, "yes '' | LC_ALL=C", "--step");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "--- turn 2, at "));
    ck_assert_ptr_null(strstr(process.out, "due at 0.0 ms")); /* an fd has no deadline */
    ck_assert_ptr_nonnull(strstr(process.out, "\nAnswer:   "));
    run_lesson(&process, _i, "printf '\\nq\\n' | LC_ALL=C", "--step");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "\ncancelled, and all is let go of\n\nms "));
}
END_TEST

/* Which of the ready tasks comes first is no promise (tests/schedules/README.md). */
START_TEST(under_many_schedules_it_says_the_same)
{
    struct process process;
    char command[512];

    snprintf(command, sizeof command,
             "build=$(dirname \"$DEMO\"); exec scripts/schedules --seeds ${EDO_SCHEDULES:-4} "
             "--into \"$build/schedules\" tests/schedules/same-lines "
             "\"$build/schedules/lessons/%s\"",
             lessons[_i]);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s%s", process.out, process.err);
}
END_TEST

START_TEST(quiet_it_says_nothing)
{
    struct process process;

    run_lesson(&process, _i, "exec", "--virtual --quiet");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.out, "");
    ck_assert_str_eq(process.err, "");
}
END_TEST

START_TEST(its_system_calls_can_be_told_as_a_story)
{
    struct process process;

    run_lesson(&process, _i, "strace -qq -e trace=none true 2>&1 || exit 77; scripts/strace-story",
               "--virtual");
    if (process.status == 77)
        return; /* strace may not trace here, or is not there */
    ck_assert_msg(process.status == 0, "%s", process.err);
    ck_assert_ptr_nonnull(strstr(process.out, "the reactor opens its epoll: fd 3\n"));
    ck_assert_ptr_nonnull(strstr(process.out, " ms  says: "));
    ck_assert_ptr_nonnull(strstr(process.out, "the program exits, status 0\n"));
}
END_TEST

START_TEST(its_source_has_80_lines_at_most)
{
    char text[16384];
    bool is_server =
        strcmp(lessons[_i], "echo-server") == 0 || strcmp(lessons[_i], "reactor-per-thread") == 0;

    read_source(_i, text, sizeof text);
    ck_assert_uint_le(occurrences(text, "\n"), is_server ? MOST_LINES_OF_SERVER : MOST_LINES);
}
END_TEST

/* K8: each of them sleeps or opens something, so none of them can go as it should. */
START_TEST(without_an_fd_for_a_timer_it_fails)
{
    struct process process;

    run_lesson(&process, _i, "ulimit -n 4; exec", "--virtual");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.err, "not go as the lesson intends"));
}
END_TEST

/* K8: also where one of its parts goes on to wait for another that has failed. */
START_TEST(with_few_fds_it_ends)
{
    struct process process;
    char command[512];

    snprintf(command, sizeof command,
             "lesson=$(dirname \"$DEMO\")/lessons/%s; for fds in 5 6 7 8 9 10 11 12 13; do "
             "for timers in fd wheel; do { (ulimit -n $fds; exec \"$lesson\" --virtual "
             "--timers=$timers) >/dev/null 2>&1; status=$?; [ $status -le 1 ] || "
             "echo \"$timers, $fds: $status\"; } & done; done; wait",
             lessons[_i]);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_str_eq(process.out, "");
}
END_TEST

/* The longest of them takes 1200 ms. Where the machine is so busy that one was out of order, it is
 * run again. */
START_TEST(on_the_real_clock_all_go_as_intended_and_take_their_time)
{
    const struct edo_clock real = {.is_virtual = false};
    uint64_t began_ns = edo_clock_now(&real);
    struct process process;

    if (getenv("EDO_EMULATED") != NULL) /* all at once they are too slow for their order */
        return;
    process_start(&process,
                  "for lesson in $(unset MAKEFLAGS; make -s lessons | awk '{ print $2 }');"
                  "do { program=$(dirname \"$DEMO\")/lessons/$lesson; for attempt in 1 2 3; do "
                  "\"$program\" >/dev/null 2>&1 && exit; done; echo $lesson; } & done; wait");
    process_finish(&process);
    ck_assert_str_eq(process.out, "");
    ck_assert_uint_ge(edo_clock_now(&real) - began_ns, EDO_MS(1200));
}
END_TEST

START_TEST(an_option_that_they_do_not_know_is_refused)
{
    static const struct {
        const char *option, *complaint;
    } cases[] = {
        {"--nonsense", "unknown option '--nonsense'"},
        {"--fail 2", "unknown option '--fail'"}, /* the demo's */
        {"--tasks 5", "unknown option '--tasks'"},
        {"--seed=5", "unknown option '--seed=5'"},
        {"--ti heap", "not 'heap'"},
        {"virtual", "unexpected argument 'virtual'"},
        {"''", "unexpected argument ''"},
    };
    struct process process;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run_lesson(&process, 0, "exec", cases[i].option);
        ck_assert_int_eq(process.status, 2);
        ck_assert_str_eq(process.out, "");
        ck_assert_msg(strstr(process.err, cases[i].complaint) != NULL, "%s", process.err);
    }
}
END_TEST

START_TEST(output_that_does_not_arrive_is_said)
{
    static const char *const lost[] = {"--virtual >/dev/full", "--virtual >&-"};
    struct process process;

    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        run_lesson(&process, 0, "exec", lost[i]);
        ck_assert_int_eq(process.status, 1);
        ck_assert_ptr_nonnull(strstr(process.err, ": standard output"));
    }
}
END_TEST

START_TEST(a_lesson_that_is_always_virtual_can_not_watch_the_clock)
{
    struct process process;

    process_start(&process, "exec \"$(dirname \"$DEMO\")/lessons/protocol-test\" --spin");
    process_finish(&process);
    ck_assert_int_eq(process.status, 2);
    ck_assert_str_eq(process.out, "");
    ck_assert_ptr_nonnull(strstr(process.err, "together with --spin: always on the virtual clock"));
}
END_TEST

START_TEST(help_has_the_question_and_what_a_lesson_takes)
{
    struct process process;

    run_lesson(&process, 0, "exec", "--help");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(strncmp(process.out, "Usage: ", 7), 0);
    ck_assert_ptr_nonnull(
        strstr(process.out, "\nwhat happens between PENDING and the next poll?\n"));
    ck_assert_ptr_nonnull(strstr(process.out, "\n  --spin "));
    ck_assert_ptr_nonnull(strstr(process.out, "\n  --virtual "));
    ck_assert_ptr_nonnull(
        strstr(process.out, "\n  --quiet              print only what goes wrong"));
    ck_assert_ptr_null(strstr(process.out, "--fail "));
    ck_assert_ptr_null(strstr(process.out, "--tasks"));
    ck_assert_ptr_null(strstr(process.out, "--seed"));
    check_width(process.out);
}
END_TEST

START_TEST(the_own_future_is_that_of_the_readme_line_for_line)
{
    char readme[32768], source[16384], *begin, *end;

    read_file("reactor/futures/README.md", readme, sizeof readme);
    read_file("demo/lessons/reader.h", source, sizeof source);
    begin = strstr(readme, "```c\n");
    ck_assert_ptr_nonnull(begin);
    begin += strlen("```c\n");
    end = strstr(begin, "```");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    ck_assert_msg(strstr(source, begin) != NULL, "not in reader.h:\n%s", begin);
}
END_TEST

/* What stands beside the enum version is what the macro makes of its line. */
START_TEST(the_await_macro_stands_at_the_line_that_its_expansion_names)
{
    char source[16384], expected[64];
    const char *at;
    int line;

    read_file("demo/lessons/await-macro.c", source, sizeof source);
    at = strstr(source, "/* edo_future_goto(self, ");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at, "/* edo_future_goto(self, %d);", &line), 1);
    snprintf(expected, sizeof expected, "/* case %d: */", line);
    ck_assert_ptr_nonnull(strstr(source, expected));
    at = strstr(source, "    AWAIT(self, ");
    ck_assert_ptr_nonnull(at);
    for (; at > source; at--)
        line -= at[-1] == '\n';
    ck_assert_int_eq(line, 1);
}
END_TEST

/* "NUMBER NAME QUESTION", where the question is what the lesson asks. */
START_TEST(make_lists_all_of_them_in_teaching_order)
{
    struct process list, lesson;
    const char *line = list.out;
    glob_t sources;

    process_start(&list, "unset MAKEFLAGS; exec make -s lessons");
    process_finish(&list);
    ck_assert_str_eq(list.err, "");
    ck_assert_int_eq(list.status, 0);
    ck_assert_uint_eq(occurrences(list.out, "\n"), LESSONS);
    check_width(list.out);
    for (int i = 0; i < LESSONS; i++, line = strchr(line, '\n') + 1) {
        char begin[64], question[128];

        snprintf(begin, sizeof begin, "%2d %-25s ", i + 1, lessons[i]);
        ck_assert_msg(strncmp(line, begin, strlen(begin)) == 0, "%s is not %s", line, begin);
        snprintf(question, sizeof question, "Question: %.*s\n",
                 (int)strcspn(line + strlen(begin), "\n"), line + strlen(begin));
        run_lesson(&lesson, i, "exec", "--virtual");
        ck_assert_msg(strncmp(lesson.out, question, strlen(question)) == 0, "%s", lesson.out);
    }
    ck_assert_int_eq(glob("demo/lessons/*.c", 0, NULL, &sources), 0);
    ck_assert_uint_eq(sources.gl_pathc, LESSONS + 2); /* lesson.c, peer.c */
    globfree(&sources);
}
END_TEST

START_TEST(readme_has_the_same_list)
{
    char readme[32768], row[256];
    struct process list;
    const char *line = list.out, *at = readme;

    read_file("demo/lessons/README.md", readme, sizeof readme);
    process_start(&list, "unset MAKEFLAGS; exec make -s lessons");
    process_finish(&list);
    for (int i = 0; i < LESSONS; i++, line = strchr(line, '\n') + 1) {
        const char *question = line + strlen("12 interval-vs-drifting-loop ");

        snprintf(row, sizeof row, "\n| %d | `%s` | %.*s |", i + 1, lessons[i],
                 (int)strcspn(question, "\n"), question);
        at = strstr(at, row);
        ck_assert_msg(at != NULL, "README.md has no row:%s", row);
    }
}
END_TEST

START_TEST(make_runs_one_by_its_name_or_its_number)
{
    static const char *const names[] = {"NAME=race", "NAME=5"};
    struct process process;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char command[256];

        snprintf(
            command, sizeof command,
            "unset MAKEFLAGS; exec make -s lesson BUILD=\"$(dirname \"$DEMO\")\" -o FORCE -n %s",
            names[i]);
        process_start(&process, command);
        process_finish(&process);
        ck_assert_int_eq(process.status, 0);
        ck_assert_msg(strstr(process.out, "/lessons/race \n"), "%s", process.out);
    }
}
END_TEST

START_TEST(make_refuses_a_name_that_no_lesson_has)
{
    static const char *const wrong[] = {
        "unset MAKEFLAGS; make -s lesson",          "unset MAKEFLAGS; make -s lesson NAME=lesson",
        "unset MAKEFLAGS; make -s lesson NAME=rac", "unset MAKEFLAGS; make -s lesson NAME=ra%",
        "unset MAKEFLAGS; make -s lesson NAME=0",   "unset MAKEFLAGS; make -s lesson NAME=99"};
    struct process process;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        process_start(&process, wrong[i]);
        process_finish(&process);
        ck_assert_int_eq(process.status, 2);
        ck_assert_str_eq(process.out, "");
        ck_assert_ptr_nonnull(strstr(process.err, "no lesson has the NAME '"));
        ck_assert_uint_eq(occurrences(process.err, "\n"), 1);
    }
}
END_TEST

/* A parent that polls all its children whenever it is polled, until one of them has ended. */
struct hasty {
    struct edo_future future;
    struct fake fake;
    struct edo_sleep sleeps[2];
};

enum { HASTY_AWAITS = EDO_FIRST_AWAIT };

static enum edo_poll hasty_poll(struct edo_future *self, struct edo_context *cx)
{
    struct hasty *hasty = edo_container_of(self, struct hasty, future);

    edo_future_goto(self, HASTY_AWAITS);
    for (unsigned i = 0; i < 2; i++)
        if (!edo_future_has_ended(&hasty->sleeps[i].future))
            edo_future_poll(&hasty->sleeps[i].future, cx);
    if (edo_future_poll(&hasty->fake.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_done(self, NULL);
}

static enum edo_poll hasty_cancel(struct edo_future *self)
{
    struct hasty *hasty = edo_container_of(self, struct hasty, future);

    edo_future_cancel(&hasty->sleeps[0].future);
    return edo_future_cancel(&hasty->sleeps[1].future);
}

/* What is said of a fake that is ready in its second poll, which comes when the sleeps are over; if
 * somebody has called its waker before, or nobody has. */
static const char *warnings_of_hasty(bool is_woken)
{
    static const struct edo_future_type type = {
        .name = "hasty", .poll = hasty_poll, .cancel = hasty_cancel};
    static struct edo_trace_event events[256];
    static char text[1024];
    struct edo_trace trace;
    struct runtime runtime;
    struct hasty hasty;
    struct edo_task task;
    FILE *file = fmemopen(text, sizeof text, "w");

    edo_trace_init(&trace, events, 256);
    runtime_open_traced(&runtime, FD_VIRTUAL, &trace);
    edo_future_init(&hasty.future, &type);
    fake_init(&hasty.fake, 1);
    edo_sleep_init(&hasty.sleeps[0], EDO_MS(10));
    edo_sleep_init(&hasty.sleeps[1], EDO_MS(20));
    edo_task_init(&task, "main", &hasty.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    if (is_woken)
        edo_wake(hasty.fake.waker);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(20));
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert(!edo_task_is_live(&task));
    ck_assert_ptr_nonnull(file);
    unwoken_print(&trace, file);
    fclose(file);
    runtime_close(&runtime);
    return text;
}

START_TEST(a_future_that_was_ready_without_its_waker_is_named)
{
    ck_assert_str_eq(warnings_of_hasty(false),
                     "warning: fake was ready at 20.0 ms, and its waker had not been called:\n"
                     "         main was polled because of sleep, timer id 2\n");
}
END_TEST

START_TEST(a_future_whose_waker_was_called_is_not)
{
    ck_assert_str_eq(warnings_of_hasty(true), "");
}
END_TEST

Suite *lessons_suite(void)
{
    Suite *suite = suite_create("lessons");
    TCase *each = tcase_create("each");
    TCase *schedules = tcase_create("schedules");
    TCase *all = tcase_create("all");
    TCase *unwoken = tcase_create("unwoken");

    tcase_add_loop_test(each, it_prints_what_is_expected_in_80_columns, 0, LESSONS);
    tcase_add_loop_test(each, it_asks_a_question_says_what_to_look_at_and_answers, 0, LESSONS);
    tcase_add_loop_test(each, it_writes_all_views, 0, LESSONS);
    tcase_add_loop_test(each, it_can_be_stepped_to_the_end_or_left, 0, LESSONS);
    tcase_add_loop_test(each, quiet_it_says_nothing, 0, LESSONS);
    tcase_add_loop_test(each, its_system_calls_can_be_told_as_a_story, 0, LESSONS);
    tcase_add_loop_test(each, its_source_has_80_lines_at_most, 0, LESSONS);
    tcase_add_loop_test(each, without_an_fd_for_a_timer_it_fails, 0, LESSONS);
    tcase_add_loop_test(each, with_few_fds_it_ends, 0, LESSONS);
    suite_add_tcase(suite, each);

    tcase_add_loop_test(schedules, under_many_schedules_it_says_the_same, 0, LESSONS);
    tcase_set_timeout(schedules, 0);
    tcase_set_tags(schedules, "schedules");
    suite_add_tcase(suite, schedules);

    tcase_add_test(all, on_the_real_clock_all_go_as_intended_and_take_their_time);
    tcase_add_test(all, an_option_that_they_do_not_know_is_refused);
    tcase_add_test(all, output_that_does_not_arrive_is_said);
    tcase_add_test(all, help_has_the_question_and_what_a_lesson_takes);
    tcase_add_test(all, a_lesson_that_is_always_virtual_can_not_watch_the_clock);
    tcase_add_test(all, the_await_macro_stands_at_the_line_that_its_expansion_names);
    tcase_add_test(all, the_own_future_is_that_of_the_readme_line_for_line);
    tcase_add_test(all, make_lists_all_of_them_in_teaching_order);
    tcase_add_test(all, readme_has_the_same_list);
    tcase_add_test(all, make_runs_one_by_its_name_or_its_number);
    tcase_add_test(all, make_refuses_a_name_that_no_lesson_has);
    suite_add_tcase(suite, all);
    tcase_add_test(unwoken, a_future_that_was_ready_without_its_waker_is_named);
    tcase_add_test(unwoken, a_future_whose_waker_was_called_is_not);
    suite_add_tcase(suite, unwoken);
    return suite;
}
