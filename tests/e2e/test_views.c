/* SPDX-License-Identifier: MIT */
/* All views of one run agree: on every task, how it ended, what woke it, and whose fault a late
 * timer was. The runs are made so that one of the three faults is the largest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"
#include "views/chrome.h"
#include "views/model.h"
#include "views/story.h"
#include "views/svg.h"
#include "views/timeline.h"

enum { EVENTS = 8192, SLEEPERS = 40, MOST_TEXT = 1 << 20 };

enum view_kind { STORY, SVG, CHROME, TIMELINE, VIEW_KINDS };

/* The texts of all views of a run. */
struct seen {
    struct runtime runtime;
    struct edo_trace trace;
    struct edo_trace_event events[EVENTS];
    struct model model;
    char text[VIEW_KINDS][MOST_TEXT];
};

static struct seen seen;

/* --- Runs ------------------------------------------------------------------------------------- */

/* async fn worker() { for _ in 0..rounds { sleep(duration).await; work } }, whose work takes its
 * time without letting the loop go on. With an fd, it waits for that instead, and that is ready. */
struct worker {
    struct edo_future future;
    struct edo_sleep sleep;
    struct edo_watch watch;
    struct edo_task task;
    uint64_t duration_ns, work_ns;
    unsigned rounds;
    int fd; /* -1: none */
    int error;
    char name[24];
};

static void worker_begin(struct worker *worker)
{
    edo_sleep_init(&worker->sleep, worker->duration_ns);
    edo_watch_init(&worker->watch, worker->fd, EPOLLOUT);
}

static enum edo_poll worker_poll(struct edo_future *self, struct edo_context *cx)
{
    struct worker *worker = edo_container_of(self, struct worker, future);
    struct edo_future *awaited = worker->fd >= 0 ? &worker->watch.future : &worker->sleep.future;

    if (self->state == EDO_START) {
        worker_begin(worker);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, awaited, cx) == EDO_READY) {
        edo_clock_advance(&cx->reactor->clock,
                          edo_clock_now(&cx->reactor->clock) + worker->work_ns);
        if (--worker->rounds == 0)
            return worker->error ? edo_future_fail(self, worker->error)
                                 : edo_future_done(self, NULL);
        worker_begin(worker);
    }
    return EDO_PENDING;
}

static void spawn(struct worker *worker, const char *name)
{
    static const struct edo_future_type type = {.name = "worker", .poll = worker_poll};

    snprintf(worker->name, sizeof worker->name, "%s", name);
    edo_future_init(&worker->future, &type);
    edo_task_init(&worker->task, worker->name, &worker->future);
    ck_assert_int_eq(edo_executor_spawn(&seen.runtime.executor, &worker->task), 0);
}

static struct worker workers[SLEEPERS];

static void a_poll_that_blocks(void)
{
    workers[0] = (struct worker){.duration_ns = EDO_MS(50), .rounds = 1, .fd = -1};
    workers[1] = (struct worker){
        .duration_ns = EDO_MS(20), .work_ns = EDO_MS(100), .rounds = 1, .fd = -1, .error = -EIO};
    spawn(&workers[0], "ticker");
    spawn(&workers[1], "blocker");
}

static void many_at_once(void)
{
    for (int i = 0; i < SLEEPERS; i++) {
        char name[24];

        snprintf(name, sizeof name, "sleeper%d", i);
        workers[i] =
            (struct worker){.duration_ns = EDO_MS(10), .work_ns = EDO_MS(1), .rounds = 1, .fd = -1};
        spawn(&workers[i], name);
    }
}

static void an_fd_that_is_always_ready(void)
{
    workers[0] = (struct worker){.duration_ns = EDO_MS(12), .rounds = 1, .fd = -1};
    workers[1] = (struct worker){.work_ns = EDO_MS(5), .rounds = 8, .fd = eventfd(0, EFD_CLOEXEC)};
    spawn(&workers[0], "ticker");
    spawn(&workers[1], "reader");
}

static void (*const runs[])(void) = {a_poll_that_blocks, many_at_once, an_fd_that_is_always_ready};
static const char *const culprits[] = {"blocker held the loop", "39 others came first",
                                       "reader held the loop"};

enum { RUNS = sizeof runs / sizeof runs[0] };

static void write_view(enum view_kind view, void (*write)(const struct edo_trace *, FILE *))
{
    FILE *file = fmemopen(seen.text[view], MOST_TEXT, "w");

    ck_assert_ptr_nonnull(file);
    write(&seen.trace, file);
    ck_assert_int_eq(ferror(file), 0);
    fclose(file);
}

static void print_timeline(void)
{
    FILE *file = tmpfile();
    size_t length;

    ck_assert_ptr_nonnull(file);
    setenv("LC_ALL", "C", 1);
    fflush(stdout);
    ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
    timeline_print(&seen.trace);
    fflush(stdout);
    ck_assert_int_eq(fseek(file, 0, SEEK_SET), 0);
    length = fread(seen.text[TIMELINE], 1, MOST_TEXT - 1, file);
    seen.text[TIMELINE][length] = '\0';
    fclose(file);
}

static void run_and_look(int run, int variant)
{
    edo_trace_init(&seen.trace, seen.events, EVENTS);
    runtime_open_traced(&seen.runtime, variant, &seen.trace);
    runs[run]();
    ck_assert_int_eq(edo_executor_run(&seen.runtime.executor), 0);
    for (int i = 0; i < SLEEPERS; i++)
        if (workers[i].fd > 0)
            close(workers[i].fd);
    ck_assert_uint_eq(edo_trace_dropped(&seen.trace), 0);
    write_view(STORY, story_write);
    write_view(SVG, svg_write);
    write_view(CHROME, chrome_write);
    print_timeline();
    ck_assert(model_open(&seen.model, &seen.trace));
}

static void stop_looking(void)
{
    model_close(&seen.model);
    runtime_close(&seen.runtime);
}

/* --- What they have in common ----------------------------------------------------------------- */

static void check_has(enum view_kind view, const char *piece)
{
    ck_assert_msg(strstr(seen.text[view], piece) != NULL, "view %d has no '%s':\n%.500s", view,
                  piece, seen.text[view]);
}

/* Each late timer: the same words in each view, and in Chrome's the same numbers. */
static void check_late(const struct model_source *timer)
{
    char blame[96], id[64];

    model_blame(&seen.model, timer, blame, sizeof blame);
    check_has(STORY, blame);
    check_has(CHROME, blame);
    check_has(SVG, blame);
    snprintf(id, sizeof id, "id %u came due", timer->id);
    check_has(STORY, id);
    snprintf(id, sizeof id, "\"timer\":%u,", timer->id);
    check_has(CHROME, id);
}

static void check_latest(int run)
{
    const struct model_source *latest = model_latest(&seen.model);
    char line[64], blame[96];

    ck_assert_ptr_nonnull(latest);
    model_blame(&seen.model, latest, blame, sizeof blame);
    ck_assert_msg(strstr(blame, culprits[run]) != NULL, "%s", blame);
    snprintf(line, sizeof line, "latest: timer id %u of ", latest->id);
    check_has(TIMELINE, line);
    check_has(TIMELINE, culprits[run]);
}

START_TEST(every_view_names_the_culprit_of_every_late_timer)
{
    unsigned late = 0;

    run_and_look(_i / 2, _i % 2);
    for (uint32_t i = 0; i < seen.model.source_count; i++) {
        const struct model_source *source = &seen.model.sources[i];

        if (!source->is_timer || source->polled == MODEL_NEVER)
            continue;
        ck_assert_uint_eq(source->late.not_run_ns + source->late.held_ns + source->late.others_ns,
                          source->late.total_ns);
        if (source->late.total_ns >= EDO_MS(1)) {
            check_late(source);
            late++;
        }
    }
    ck_assert_uint_gt(late, 0);
    check_latest(_i / 2);
    stop_looking();
}
END_TEST

START_TEST(every_view_knows_every_task_and_how_it_ended)
{
    run_and_look(_i / 2, _i % 2);
    for (uint32_t i = 0; i < seen.model.task_count; i++) {
        const struct model_task *task = &seen.model.tasks[i];

        for (enum view_kind view = STORY; view < VIEW_KINDS; view++)
            check_has(view, task->name);
        check_has(STORY, task->outcome);
        check_has(CHROME, task->outcome);
        if (strcmp(task->outcome, "EDO_FAILED") == 0)
            check_has(TIMELINE, "x ");
    }
    stop_looking();
}
END_TEST

/* In each view as many wakes as were recorded, told or drawn. */
START_TEST(every_view_has_every_wake)
{
    unsigned wakes = 0;

    run_and_look(_i / 2, _i % 2);
    for (size_t i = 0; i < edo_trace_count(&seen.trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&seen.trace, i);

        wakes += event->kind == EDO_TRACE_WAKE && event->to == NULL;
    }
    ck_assert_uint_gt(wakes, 0);
    ck_assert_uint_eq(occurrences(seen.text[CHROME], "\"ph\":\"s\""), wakes);
    ck_assert_uint_eq(occurrences(seen.text[STORY], "wakes "), wakes);
    stop_looking();
}
END_TEST

/* --- A thread that does not run --------------------------------------------------------------- */

/* Stopped in a sleep, and past that; each view goes into a file of its own. On a machine so busy
 * that the demo has ended before it could be stopped, it runs again. */
START_TEST(every_view_says_of_a_stopped_process_that_it_did_not_run)
{
    static const char *const views[] = {"story", "svg", "chrome", "out"};
    static struct process process;

    process_start(&process,
                  "folder=$(mktemp -d); trap 'rm -r \"$folder\"' EXIT; until "
                  "LC_ALL=C $DEMO --story $folder/story --svg $folder/svg "
                  "--chrome $folder/chrome >$folder/out & "
                  "until grep -qs 'timer id 1$' $folder/out; do :; done; "
                  "until grep -qs '^State:.[SZ]' /proc/$!/status || ! [ -e /proc/$! ]; do :; done; "
                  "kill -STOP $!; sleep 0.3; grep -q '^State:.T' /proc/$!/status; do "
                  "wait $!; rm $folder/out; done; kill -CONT $!; wait $!; "
                  "for view in story svg chrome out; do "
                  "grep -q 'the thread did not run' $folder/$view && echo \"$view says so\"; done; "
                  "cat $folder/out");
    process_finish(&process);
    for (int i = 0; i < 4; i++) {
        char line[32];

        snprintf(line, sizeof line, "%s says so\n", views[i]);
        ck_assert_msg(strstr(process.out, line) != NULL, "not %s%s", line, process.out);
    }
}
END_TEST

Suite *views_suite(void)
{
    Suite *suite = suite_create("views");
    TCase *tcase = tcase_create("views");

    tcase_add_loop_test(tcase, every_view_names_the_culprit_of_every_late_timer, 0, 2 * RUNS);
    tcase_add_loop_test(tcase, every_view_knows_every_task_and_how_it_ended, 0, 2 * RUNS);
    tcase_add_loop_test(tcase, every_view_has_every_wake, 0, 2 * RUNS);
    tcase_add_test(tcase, every_view_says_of_a_stopped_process_that_it_did_not_run);
    suite_add_tcase(suite, tcase);
    return suite;
}
