/* SPDX-License-Identifier: MIT */
/* A trace as sentences of cause (--story), on the virtual clock: exact. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "process.h"
#include "suites.h"
#include "views/model.h"
#include "views/story.h"

enum { EVENTS = 256 };

static struct edo_trace_event events[EVENTS];
static struct edo_trace trace;
static struct edo_clock still_clock;
static struct runtime runtime;
static char text[16384];

/* --- The demo --------------------------------------------------------------------------------- */

static const char demo_story[] =
    "0\t  0.0 ms  the program spawns async_main\n"
    "2\t  0.0 ms  phase: sequential\n"
    "3-8\t  0.0 ms  async_main polled: EDO_START -> MAIN_AWAITS_FETCH;\n"
    "\t            fetch_data(1) EDO_START -> FETCH_AWAITS_LATENCY;\n"
    "\t            arms id 1 for 100 ms\n"
    "9\t  0.0 ms  every task waits; id 1 is due first, in 100.0 ms\n"
    "11-15\t100.0 ms  id 1 came due, 0.0 ms late -> wakes async_main\n"
    "\t            -> polled: fetch_data(1) FETCH_AWAITS_LATENCY -> EDO_DONE\n"
    "16\t100.0 ms  phase: parallel\n"
    "17-22\t100.0 ms  async_main goes on: spawns async_task(1), async_task(2),\n"
    "\t            async_task(3); MAIN_AWAITS_FETCH -> MAIN_AWAITS_TASKS;\n"
    "\t            join_tasks EDO_START -> JOIN_TASKS_AWAITS_ONE\n"
    "23-27\t100.0 ms  async_task(1) polled: EDO_START -> TASK_AWAITS_SLEEP;\n"
    "\t            arms id 2 for 100 ms\n"
    "28-32\t100.0 ms  async_task(2) polled: EDO_START -> TASK_AWAITS_SLEEP;\n"
    "\t            arms id 3 for 200 ms\n"
    "33-37\t100.0 ms  async_task(3) polled: EDO_START -> TASK_AWAITS_SLEEP;\n"
    "\t            arms id 4 for 300 ms\n"
    "38\t100.0 ms  every task waits; id 2 is due first, in 100.0 ms\n"
    "40-47\t200.0 ms  id 2 came due, 0.0 ms late -> wakes async_task(1)\n"
    "\t            -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> wakes async_main\n"
    "48-49\t200.0 ms  async_main polled: still MAIN_AWAITS_TASKS\n"
    "50\t200.0 ms  every task waits; id 3 is due first, in 100.0 ms\n"
    "52-59\t300.0 ms  id 3 came due, 0.0 ms late -> wakes async_task(2)\n"
    "\t            -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> wakes async_main\n"
    "60-61\t300.0 ms  async_main polled: still MAIN_AWAITS_TASKS\n"
    "62\t300.0 ms  every task waits; id 4 is due first, in 100.0 ms\n"
    "64-71\t400.0 ms  id 4 came due, 0.0 ms late -> wakes async_task(3)\n"
    "\t            -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> wakes async_main\n"
    "72-73\t400.0 ms  async_main polled: join_tasks JOIN_TASKS_AWAITS_ONE -> EDO_DONE\n"
    "74\t400.0 ms  phase: sequential loop\n"
    "75-80\t400.0 ms  async_main goes on: MAIN_AWAITS_TASKS -> MAIN_AWAITS_ITEM;\n"
    "\t            process_item(0) EDO_START -> ITEM_AWAITS_WORK;\n"
    "\t            arms id 5 for 50 ms\n"
    "81\t400.0 ms  every task waits; id 5 is due first, in 50.0 ms\n"
    "83-89\t450.0 ms  id 5 came due, 0.0 ms late -> wakes async_main\n"
    "\t            -> polled: process_item(0) ITEM_AWAITS_WORK -> EDO_DONE;\n"
    "\t            process_item(1) EDO_START -> ITEM_AWAITS_WORK;\n"
    "90-92\t            arms id 6 for 50 ms\n"
    "93\t450.0 ms  every task waits; id 6 is due first, in 50.0 ms\n"
    "95-101\t500.0 ms  id 6 came due, 0.0 ms late -> wakes async_main\n"
    "\t            -> polled: process_item(1) ITEM_AWAITS_WORK -> EDO_DONE;\n"
    "\t            process_item(2) EDO_START -> ITEM_AWAITS_WORK;\n"
    "102-104\t            arms id 7 for 50 ms\n"
    "105\t500.0 ms  every task waits; id 7 is due first, in 50.0 ms\n"
    "107-114\t550.0 ms  id 7 came due, 0.0 ms late -> wakes async_main\n"
    "\t            -> polled: process_item(2) ITEM_AWAITS_WORK -> EDO_DONE;\n"
    "\t            MAIN_AWAITS_ITEM -> EDO_DONE\n";

static const char *const drivers[] = {"fd", "wheel"};

enum { DRIVERS = sizeof drivers / sizeof drivers[0] };

START_TEST(the_demo_is_told_as_causes_the_same_with_both_drivers)
{
    static struct process process;
    char command[128];

    snprintf(command, sizeof command,
             "$DEMO --virtual --quiet --no-timeline --timers=%s --story /dev/stderr", drivers[_i]);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_int_eq(strncmp(process.err, "# edo story 1, pid ", 19), 0);
    ck_assert_str_eq(strchr(process.err, '\n') + 1, demo_story);
}
END_TEST

START_TEST(how_a_task_failed_is_told_by_name)
{
    static struct process process;

    process_start(&process, "$DEMO --virtual --quiet --no-timeline --fail 2:ETIMEDOUT --story "
                            "/dev/stderr");
    process_finish(&process);
    ck_assert_ptr_nonnull(
        strstr(process.err, "-> polled: TASK_AWAITS_SLEEP -> EDO_FAILED (ETIMEDOUT)\n"));
}
END_TEST

/* --- Runs made up ----------------------------------------------------------------------------- */

/* async fn holder(sleep, hold) { sleep(sleep).await; block_for(hold) } */
struct holder {
    struct edo_future future;
    struct edo_sleep sleep;
    uint64_t hold_ns;
    struct edo_task task;
};

enum { HOLDER_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static enum edo_poll holder_poll(struct edo_future *self, struct edo_context *cx)
{
    struct holder *holder = edo_container_of(self, struct holder, future);
    struct edo_clock *clock = &cx->reactor->clock;

    if (self->state == EDO_START && holder->sleep.timer.due_ns > 0)
        edo_future_goto(self, HOLDER_AWAITS_SLEEP);
    if (self->state == HOLDER_AWAITS_SLEEP &&
        edo_future_await(self, &holder->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    edo_clock_advance(clock, edo_clock_now(clock) + holder->hold_ns);
    return edo_future_done(self, NULL);
}

static const char *const holder_states[] = {"HOLDER_AWAITS_SLEEP"};

static const struct edo_future_type holder_type = {
    .name = "holder", .poll = holder_poll, .state_names = holder_states};

static void open_runtime(int variant)
{
    edo_trace_init(&trace, events, EVENTS);
    runtime_open_traced(&runtime, variant, &trace);
}

static void spawn(struct holder *holder, const char *name, uint64_t sleep_ns, uint64_t hold_ns)
{
    edo_future_init(&holder->future, &holder_type);
    edo_sleep_init(&holder->sleep, sleep_ns);
    holder->hold_ns = hold_ns;
    edo_task_init(&holder->task, name, &holder->future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &holder->task), 0);
}

/* What is told of the trace, without the line of comment. */
static const char *story(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    ck_assert_ptr_nonnull(file);
    story_write(&trace, file);
    ck_assert_int_eq(ferror(file), 0);
    fclose(file);
    return strchr(text, '\n') + 1;
}

static void check_told(const char *sentence)
{
    ck_assert_msg(strstr(story(), sentence) != NULL, "no %s in: %s", sentence, text);
}

START_TEST(who_held_the_loop_is_named_where_a_timer_came_due_late)
{
    struct holder ticker, blocker;

    open_runtime(_i);
    spawn(&ticker, "ticker", EDO_MS(20), 0);
    spawn(&blocker, "blocker", 0, EDO_MS(150));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    check_told("\t150.0 ms  id 1 came due, 130.0 ms late: blocker held the loop 130.0 ms\n"
               "\t            -> wakes ticker -> polled: HOLDER_AWAITS_SLEEP -> EDO_DONE\n");
    check_told("\t  0.0 ms  blocker polled for 150.0 ms: EDO_START -> EDO_DONE\n");
    runtime_close(&runtime);
}
END_TEST

START_TEST(how_much_later_a_task_was_polled_is_told_where_others_came_first)
{
    struct holder first, second;

    open_runtime(_i);
    spawn(&first, "first", EDO_MS(10), EDO_MS(5));
    spawn(&second, "second", EDO_MS(10), 0);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    check_told(" 10.0 ms  id 2 came due, 0.0 ms late -> wakes second\n"
               "\t            -> polled 5.0 ms later (");
    runtime_close(&runtime);
}
END_TEST

START_TEST(two_timers_that_wake_one_task_are_told_in_one_sentence)
{
    struct edo_sleep one, other;
    struct edo_branch children[] = {{.child = &one.future}, {.child = &other.future}};
    struct edo_join join;

    open_runtime(_i);
    edo_sleep_init(&one, EDO_MS(10));
    edo_sleep_init(&other, EDO_MS(10));
    edo_join_init(&join, children, 2);
    runtime_await(&runtime, &join.future);
    check_told(" 10.0 ms  id 1 came due, 0.0 ms late and id 2 came due, 0.0 ms late\n"
               "\t            -> wakes test -> polled: JOIN_AWAITS_CHILDREN -> EDO_DONE\n");
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_timer_of_the_time_0_is_no_fd)
{
    struct edo_sleep sleep;

    open_runtime(_i);
    edo_sleep_until_init(&sleep, 0);
    runtime_await(&runtime, &sleep.future);
    check_told(" polled: arms id 1, due already");
    ck_assert_ptr_null(strstr(text, "fd"));
    check_told(" id 1 came due, 0.0 ms late -> wakes ");
    runtime_close(&runtime);
}
END_TEST

START_TEST(an_fd_is_told_by_its_number)
{
    struct edo_watch watch;
    char watches[64], ready[64];
    int ends[2];

    open_runtime(_i);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    edo_watch_init(&watch, ends[0], EPOLLIN);
    runtime_await(&runtime, &watch.future);
    snprintf(watches, sizeof watches, "watches fd %d as id 1", ends[0]);
    snprintf(ready, sizeof ready, "fd %d is ready, id 1 -> wakes ", ends[0]);
    check_told(watches);
    check_told(ready);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(who_waits_for_ever_is_named)
{
    struct fake fake;
    struct edo_task task;

    open_runtime(_i);
    fake_init(&fake, 1);
    edo_task_init(&task, "lonely", &fake.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), -EDEADLK);
    check_told(
        " stuck: no task is ready,\n\t            and nothing is armed that could wake one;\n"
        "\t            lonely waits at ");
    ck_assert_ptr_nonnull(strstr(text, ", for ever\n"));
    edo_task_cancel(&task);
    check_told(" the program cancels lonely\n");
    check_told(" lonely cancelled: ");
    runtime_close(&runtime);
}
END_TEST

/* From the lessons, where all of it happens. */
static const struct outsider {
    const char *lesson, *told;
} outsiders[] = {
    {"echo-server", "accept EDO_START -> AWAITS_READY"},
    {"echo-server", " a peer makes fd "},
    {"echo-server", "accept AWAITS_READY -> EDO_DONE; spawns connection"},
    {"echo-server", "read AWAITS_READY -> EDO_DONE"},
    {"signals", " a signal makes fd "},
    {"child-process", " a child's end makes fd "},
    {"blocking-offload", " another thread makes fd "},
};

enum { OUTSIDERS = sizeof outsiders / sizeof outsiders[0] };

START_TEST(what_comes_from_outside_is_told_by_who_has_done_it)
{
    const struct outsider *outsider = &outsiders[_i];
    struct process process;
    char command[256];

    if (getenv("EDO_EMULATED") != NULL && strcmp(outsider->lesson, "child-process") == 0)
        return; /* there, sh has ended before it is waited for */
    snprintf(command, sizeof command,
             "out=$(mktemp); \"$(dirname \"$DEMO\")\"/lessons/%s --virtual --quiet --story $out; "
             "status=$?; cat $out; rm $out; exit $status",
             outsider->lesson);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, outsider->told));
}
END_TEST

/* --- Traces made up --------------------------------------------------------------------------- */

static struct edo_trace_event *record(enum edo_trace_kind kind, uint32_t task, uint32_t other)
{
    struct edo_trace_event *event = edo_record(&trace, kind, other, 0);

    event->task = task;
    return event;
}

static void begin_trace(size_t capacity)
{
    still_clock = (struct edo_clock){.is_virtual = true};
    edo_trace_init(&trace, events, capacity);
    trace.clock = &still_clock;
}

static void record_spawn(uint32_t task, const char *name)
{
    record(EDO_TRACE_SPAWN, task, 0)->name = name;
}

static void record_wake(uint32_t task, uint32_t other, const char *cause, uint64_t id)
{
    struct edo_trace_event *event = record(EDO_TRACE_WAKE, task, other);

    event->from = cause;
    event->arg = id;
}

START_TEST(an_fd_that_was_closed_is_told_as_such)
{
    begin_trace(EVENTS);
    record_spawn(1, "reader");
    record(EDO_TRACE_ARM, 1, 1)->fd = 7;
    record(EDO_TRACE_ENTER, 0, 0);
    record(EDO_TRACE_LOST, 0, 1)->fd = 7;
    record(EDO_TRACE_FIRE, 0, 1)->fd = 7;
    record_wake(1, 0, "fd", 1);
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    check_told(" every task waits; 1 fd is watched\n");
    check_told(" id 1 ends: its fd 7 was closed -> wakes reader\n");
}
END_TEST

START_TEST(an_fd_that_a_task_closes_is_not_the_deed_of_a_peer_or_a_signal)
{
    static const char *const causes[] = {"peer", "signal", "child"};

    begin_trace(EVENTS);
    record_spawn(1, "reader");
    record_spawn(2, "closer");
    record(EDO_TRACE_ARM, 1, 1)->fd = 7;
    record(EDO_TRACE_POLL_BEGIN, 2, 0);
    record(EDO_TRACE_FIRE, 2, 1)->fd = 7;
    record(EDO_TRACE_POLL_END, 2, 0)->to = "PENDING";
    record_wake(1, 0, causes[_i], 1);
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    check_told(" closer closes fd 7, id 1 -> wakes reader\n");
}
END_TEST

/* 1 ms until the kernel was looked at, 2 until the timer was collected, 4 until its task's turn. */
START_TEST(what_others_took_is_neither_the_thread_s_fault_nor_told_twice)
{
    begin_trace(EVENTS);
    record_spawn(1, "one");
    record_spawn(2, "other");
    record(EDO_TRACE_ARM, 1, 1)->arg = EDO_MS(5);
    record(EDO_TRACE_ENTER, 0, 0);
    edo_clock_advance(&still_clock, EDO_MS(5) + EDO_US(400));
    record(EDO_TRACE_LEAVE, 0, 0);
    edo_clock_advance(&still_clock, EDO_MS(7));
    record(EDO_TRACE_FIRE, 0, 1)->arg = EDO_MS(5);
    record_wake(1, 0, "timer", 1);
    record(EDO_TRACE_POLL_BEGIN, 2, 0);
    edo_clock_advance(&still_clock, EDO_MS(11));
    record(EDO_TRACE_POLL_END, 2, 0)->to = "PENDING";
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    record(EDO_TRACE_DISARM, 1, 2);
    check_told(" id 1 came due, 2.0 ms late: other came first -> wakes one\n");
    check_told(" -> polled 4.0 ms later (other came first)");
}
END_TEST

START_TEST(a_duration_has_all_digits_before_its_point)
{
    begin_trace(EVENTS);
    record_spawn(1, "one");
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    record(EDO_TRACE_ARM, 1, 1)->arg = EDO_S(1800);
    check_told(" for 1800000 ms");
}
END_TEST

START_TEST(every_cause_of_a_wake_is_told_but_the_end_of_a_task_which_can_be_seen)
{
    static const struct {
        const char *cause, *told;
    } causes[] = {
        {"task", "-> wakes other\n"},
        {"channel", "-> wakes other (channel)\n"},
        {"group", "-> wakes other (group)\n"},
        {"cancel", "-> wakes other (cancel)\n"},
        {"program", "-> wakes other (program)\n"},
    };

    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        begin_trace(EVENTS);
        record_spawn(1, "one");
        record_spawn(2, "other");
        record(EDO_TRACE_POLL_BEGIN, 1, 0);
        record(EDO_TRACE_DISARM, 1, 1);
        record_wake(2, 1, causes[i].cause, 1);
        check_told(causes[i].told);
    }
    begin_trace(EVENTS);
    record_spawn(1, "one");
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    record_wake(1, 1, "yield", 0);
    check_told(" one polled: wakes itself (yield)\n");
}
END_TEST

/* Who was awake for less than 10 us had no time to watch the clock. */
START_TEST(that_the_thread_watches_the_clock_is_told)
{
    for (int is_short = 0; is_short < 2; is_short++) {
        begin_trace(EVENTS);
        record_spawn(1, "one");
        record(EDO_TRACE_ARM, 1, 1)->arg = EDO_MS(2);
        record(EDO_TRACE_ENTER, 0, 0);
        edo_clock_advance(&still_clock, EDO_MS(2) - (is_short ? EDO_US(9) : EDO_US(250)));
        record(EDO_TRACE_LEAVE, 0, 0);
        edo_clock_advance(&still_clock, EDO_MS(2));
        record(EDO_TRACE_FIRE, 0, 1)->arg = EDO_MS(2);
        record_wake(1, 0, "timer", 1);
        record(EDO_TRACE_POLL_BEGIN, 1, 0);
        check_told(" every task waits; id 1 is due first, in 2.0 ms\n");
        check_told(" id 1 came due, 0.0 ms late -> wakes one\n");
        if (is_short)
            ck_assert_ptr_null(strstr(text, "watches"));
        else
            check_told("  1.8 ms  the thread is awake, and watches the clock for 0.25 ms\n");
    }
}
END_TEST

START_TEST(what_woke_a_task_is_told_when_it_is_polled_or_else_at_once)
{
    struct model model;
    FILE *file;

    begin_trace(EVENTS);
    record_spawn(1, "one");
    record(EDO_TRACE_ARM, 1, 1)->arg = EDO_MS(1);
    edo_clock_advance(&still_clock, EDO_MS(1));
    record(EDO_TRACE_FIRE, 0, 1)->arg = EDO_MS(1);
    record_wake(1, 0, "timer", 1);
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    record(EDO_TRACE_DISARM, 1, 2);
    check_told(" id 1 came due, 0.0 ms late -> wakes one\n");
    check_told("            -> polled: disarms id 2\n");
    ck_assert(model_open(&model, &trace));
    file = fmemopen(text, sizeof text, "w");
    story_tell(&model, 2, 4, STORY_OF_TURN, file);
    fclose(file);
    ck_assert_str_eq(text, "  id 1 came due, 0.0 ms late -> wakes one\n");
    model_close(&model);
}
END_TEST

START_TEST(of_what_the_ring_has_dropped_the_numbers_are_left_out)
{
    struct holder tasks[4];

    edo_trace_init(&trace, events, 16);
    runtime_open_traced(&runtime, _i, &trace);
    for (size_t i = 0; i < 4; i++)
        spawn(&tasks[i], "late", EDO_MS(10) * (i + 1), 0);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_gt(edo_trace_dropped(&trace), 0);
    story();
    ck_assert_ptr_null(strstr(text, ", 0 events dropped"));
    ck_assert_uint_ge(strtoul(strchr(text, '\n') + 1, NULL, 10), edo_trace_dropped(&trace));
    check_told(" id 4 came due, 0.0 ms late -> wakes late\n");
    runtime_close(&runtime);
}
END_TEST

/* D11 */
START_TEST(whatever_a_name_holds_a_sentence_stays_one)
{
    begin_trace(EVENTS);
    record_spawn(1, "line\nbreak\ttab \xff \x1b[31m");
    record_spawn(2, "a name of more than forty letters, which goes on and on");
    ck_assert_str_eq(story(), "0-1\t  0.0 ms  the program spawns "
                              "line\xef\xbf\xbd"
                              "break\xef\xbf\xbdtab \xef\xbf\xbd \xef\xbf\xbd[31m,\n"
                              "\t            a name of more than forty letters, whic…\n");
}
END_TEST

static void record_state(uint32_t task, uint32_t future, const char *from, const char *to)
{
    struct edo_trace_event *event = record(EDO_TRACE_STATE, task, future);

    event->from = from;
    event->to = to;
    event->name = "loop";
}

/* A task in a loop: woken by a timer, it comes to the same await again, and arms the next one. */
static void record_round(void)
{
    begin_trace(EVENTS);
    record_spawn(1, "one");
    record(EDO_TRACE_FIRE, 0, 1);
    record_wake(1, 0, "timer", 1);
    record(EDO_TRACE_POLL_BEGIN, 1, 0);
    record_state(1, 1, "EDO_START", "AWAITS");
    record_state(1, 1, "AWAITS", "AWAITS");
    record_state(1, 1, "AWAITS", "EDO_DONE");
    record(EDO_TRACE_DISARM, 1, 2);
    record(EDO_TRACE_POLL_END, 1, 0)->to = "READY";
}

START_TEST(who_comes_to_the_same_await_again_is_told_so)
{
    record_round();
    check_told("-> polled: EDO_START -> AWAITS again -> EDO_DONE;");
}
END_TEST

START_TEST(in_a_page_each_clause_has_the_number_of_its_event)
{
    FILE *file = fmemopen(text, sizeof text, "w");

    record_round();
    story_write_page(&trace, file);
    fclose(file);
    ck_assert_str_eq(text, "0\n0\tthe program \n0\tspawns one\n"
                           "1-8\n1\tid 1 came due, 0.0 ms late \n2\t-> wakes one \n"
                           "3\t-> polled: \n4\tEDO_START -> AWAITS again\n6\t -> EDO_DONE; \n"
                           "7\tdisarms id 2\n");
}
END_TEST

Suite *sentences_suite(void)
{
    Suite *suite = suite_create("sentences");
    TCase *demo = tcase_create("demo");
    TCase *made_up = tcase_create("made-up");

    tcase_add_loop_test(demo, the_demo_is_told_as_causes_the_same_with_both_drivers, 0, DRIVERS);
    tcase_add_test(demo, how_a_task_failed_is_told_by_name);
    tcase_add_loop_test(demo, what_comes_from_outside_is_told_by_who_has_done_it, 0, OUTSIDERS);
    suite_add_tcase(suite, demo);

    tcase_add_loop_test(made_up, who_held_the_loop_is_named_where_a_timer_came_due_late, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(made_up, how_much_later_a_task_was_polled_is_told_where_others_came_first,
                        0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(made_up, two_timers_that_wake_one_task_are_told_in_one_sentence, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(made_up, a_timer_of_the_time_0_is_no_fd, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(made_up, an_fd_is_told_by_its_number, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(made_up, who_waits_for_ever_is_named, 0, VIRTUAL_VARIANTS);
    tcase_add_test(made_up, an_fd_that_was_closed_is_told_as_such);
    tcase_add_loop_test(made_up, an_fd_that_a_task_closes_is_not_the_deed_of_a_peer_or_a_signal, 0,
                        3);
    tcase_add_test(made_up, what_others_took_is_neither_the_thread_s_fault_nor_told_twice);
    tcase_add_test(made_up, a_duration_has_all_digits_before_its_point);
    tcase_add_test(made_up, every_cause_of_a_wake_is_told_but_the_end_of_a_task_which_can_be_seen);
    tcase_add_test(made_up, that_the_thread_watches_the_clock_is_told);
    tcase_add_test(made_up, what_woke_a_task_is_told_when_it_is_polled_or_else_at_once);
    tcase_add_loop_test(made_up, of_what_the_ring_has_dropped_the_numbers_are_left_out, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(made_up, whatever_a_name_holds_a_sentence_stays_one);
    tcase_add_test(made_up, who_comes_to_the_same_await_again_is_told_so);
    tcase_add_test(made_up, in_a_page_each_clause_has_the_number_of_its_event);
    suite_add_tcase(suite, made_up);
    return suite;
}
