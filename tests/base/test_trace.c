/* SPDX-License-Identifier: MIT */
/* The trace: the ring, what is recorded, and the file that it is written to. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "suites.h"

enum { CAPACITY = 64 };

/* A trace on a clock of its own. */
struct ring {
    struct edo_clock clock;
    struct edo_trace_event events[CAPACITY];
    struct edo_trace trace;
};

static void ring_init(struct ring *ring, size_t capacity)
{
    ring->clock = (struct edo_clock){.is_virtual = true};
    edo_trace_init(&ring->trace, ring->events, capacity);
    ring->trace.clock = &ring->clock;
}

static void record_numbers(struct ring *ring, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        edo_record(&ring->trace, EDO_TRACE_FIRE, i, 0);
}

START_TEST(events_stand_in_the_order_in_which_they_were_recorded)
{
    struct ring ring;

    ring_init(&ring, 8);
    ck_assert_uint_eq(edo_trace_count(&ring.trace), 0);
    record_numbers(&ring, 0, 5);
    ck_assert_uint_eq(edo_trace_count(&ring.trace), 5);
    ck_assert_uint_eq(edo_trace_dropped(&ring.trace), 0);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_uint_eq(edo_trace_at(&ring.trace, i)->other, i);
}
END_TEST

START_TEST(a_full_ring_drops_the_oldest_and_counts_them)
{
    struct ring ring;

    ring_init(&ring, 8);
    record_numbers(&ring, 0, 8);
    ck_assert_uint_eq(edo_trace_dropped(&ring.trace), 0);
    record_numbers(&ring, 8, 21);
    ck_assert_uint_eq(edo_trace_count(&ring.trace), 8);
    ck_assert_uint_eq(edo_trace_dropped(&ring.trace), 13);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(edo_trace_at(&ring.trace, i)->other, 13 + i);
}
END_TEST

START_TEST(events_carry_the_time_of_the_runtime_s_clock)
{
    struct ring ring;

    ring_init(&ring, 8);
    edo_clock_advance(&ring.clock, EDO_MS(7));
    record_numbers(&ring, 0, 1);
    ck_assert_uint_eq(edo_trace_at(&ring.trace, 0)->t_ns, EDO_MS(7));
}
END_TEST

START_TEST(notes_have_a_ring_of_their_own)
{
    struct edo_trace_note notes[4];
    struct ring ring;

    ring_init(&ring, 8);
    edo_record_note(&ring.trace, "none are kept", -1, 0, 0, 0);
    ck_assert_uint_eq(edo_trace_note_count(&ring.trace), 0);
    edo_trace_keep_notes(&ring.trace, notes, 4);
    record_numbers(&ring, 0, 2);
    for (int i = 0; i < 6; i++)
        edo_record_note(&ring.trace, "read", i, 0, 0, 8);
    ck_assert_uint_eq(edo_trace_notes_dropped(&ring.trace), 2);
    ck_assert_uint_eq(edo_trace_note_count(&ring.trace), 4);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(edo_trace_note_at(&ring.trace, i)->fd, (int)i + 2);
        ck_assert_uint_eq(edo_trace_note_at(&ring.trace, i)->event, 2);
    }
    ck_assert_uint_eq(edo_trace_count(&ring.trace), 2);
}
END_TEST

START_TEST(without_a_trace_a_phase_is_nothing)
{
    edo_trace_phase(NULL, "phase");
}
END_TEST

/* --- What the runtime records ----------------------------------------------------------------- */

/* One task that sleeps, one that is cancelled, on the virtual clock. */
struct traced {
    struct ring ring;
    struct edo_executor executor;
    struct edo_sleep sleep, endless;
    struct edo_task sleeper, victim;
};

static void run_traced(struct traced *traced)
{
    struct edo_reactor_options options = {.is_virtual = true, .trace = &traced->ring.trace};

    edo_trace_init(&traced->ring.trace, traced->ring.events, CAPACITY);
    ck_assert_int_eq(edo_executor_open(&traced->executor, &options), 0);
    edo_sleep_init(&traced->sleep, EDO_MS(10));
    edo_sleep_init(&traced->endless, EDO_S(60));
    edo_task_init(&traced->sleeper, "sleeper", &traced->sleep.future);
    edo_task_init(&traced->victim, "victim", &traced->endless.future);
    edo_executor_spawn(&traced->executor, &traced->sleeper);
    edo_executor_spawn(&traced->executor, &traced->victim);
    edo_executor_block_on(&traced->executor, &traced->sleeper);
    edo_task_cancel(&traced->victim);
    edo_executor_close(&traced->executor);
}

/* The events in a few words each. The last two are the fd, counted from that of the epoll, and
 * the number. */
static const char *const expected[] = {
    "spawn 1 0 - - sleeper -1 0",
    "spawn 2 0 - - victim -1 0",
    "poll_begin 1 0 - - sleeper -1 0",
    "arm 1 1 - - - 1 10000000",
    "state 1 1 EDO_START SLEEP_ARMED sleep -1 0",
    "poll_end 1 0 - PENDING sleeper -1 0",
    "poll_begin 2 0 - - victim -1 0",
    "arm 2 2 - - - 2 60000000000",
    "state 2 2 EDO_START SLEEP_ARMED sleep -1 0",
    "poll_end 2 0 - PENDING victim -1 0",
    "enter 0 0 - - - -1 0",
    "leave 0 0 - - - -1 2",
    "fire 0 1 - - - 1 10000000",
    "wake 1 0 timer - sleeper -1 1",
    "poll_begin 1 0 - - sleeper -1 0",
    "state 1 1 SLEEP_ARMED EDO_DONE sleep -1 0",
    "poll_end 1 0 - READY sleeper -1 0",
    "done 1 0 - EDO_DONE sleeper -1 0",
    "cancel 2 0 - - victim -1 0",
    "disarm 2 2 - - - 2 60000000000",
    "state 2 2 SLEEP_ARMED EDO_CANCELLED sleep -1 0",
    "done 2 0 - EDO_CANCELLED victim -1 125",
};

enum { EXPECTED = sizeof expected / sizeof expected[0] };

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

START_TEST(a_run_is_recorded_event_by_event)
{
    struct traced traced;

    int first_fd = dup(STDERR_FILENO);

    close(first_fd);
    run_traced(&traced);
    for (size_t i = 0; i < edo_trace_count(&traced.ring.trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&traced.ring.trace, i);
        char words[128];

        sprintf(words, "%s %u %u %s %s %s %d %llu", edo_trace_kind_name(event->kind), event->task,
                event->other, or_dash(event->from), or_dash(event->to), or_dash(event->name),
                event->fd < 0 ? event->fd : event->fd - first_fd, (unsigned long long)event->arg);
        ck_assert_uint_lt(i, EXPECTED);
        ck_assert_str_eq(words, expected[i]);
    }
    ck_assert_uint_eq(edo_trace_count(&traced.ring.trace), EXPECTED);
}
END_TEST

START_TEST(a_fire_says_when_it_should_have_been)
{
    struct traced traced;
    const struct edo_trace_event *fire;

    run_traced(&traced);
    fire = edo_trace_at(&traced.ring.trace, 12);
    ck_assert_int_eq(fire->kind, EDO_TRACE_FIRE);
    ck_assert_uint_eq(fire->arg, EDO_MS(10));
    ck_assert_uint_eq(fire->t_ns, EDO_MS(10));
}
END_TEST

START_TEST(what_runs_without_a_trace_is_not_recorded_in_another_s)
{
    struct traced traced;
    struct runtime runtime;
    struct fake fake;
    struct edo_task task;

    run_traced(&traced);
    ck_assert_ptr_null(edo_trace_of_thread);
    runtime_open(&runtime, _i);
    fake_init(&fake, 0);
    edo_task_init(&task, "task", &fake.future);
    edo_executor_block_on(&runtime.executor, &task);
    runtime_close(&runtime);
    ck_assert_uint_eq(edo_trace_count(&traced.ring.trace), EXPECTED);
}
END_TEST

static bool has_state(const struct edo_trace *trace, const char *type, const char *from,
                      const char *to)
{
    for (size_t i = 0; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_STATE && strcmp(or_dash(event->name), type) == 0 &&
            strcmp(or_dash(event->from), from) == 0 && strcmp(or_dash(event->to), to) == 0)
            return true;
    }
    return false;
}

/* Two ticks in one task: between them the interval goes back to its start. */
static enum edo_poll ticking_poll(struct edo_future *self, struct edo_context *cx)
{
    static struct edo_interval interval;

    if (self->state == EDO_START) {
        edo_interval_init(&interval, EDO_MS(1), EDO_MISSED_BURST);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    for (; edo_future_await(self, &interval.future, cx) == EDO_READY; edo_interval_next(&interval))
        if (interval.due_ns > 0)
            return edo_future_done(self, NULL);
    return EDO_PENDING;
}

START_TEST(an_interval_that_begins_its_next_tick_is_seen_to_do_so)
{
    static const struct edo_future_type type = {.name = "ticking", .poll = ticking_poll};
    struct ring ring;
    struct runtime runtime;
    struct edo_future ticking;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    edo_future_init(&ticking, &type);
    runtime_await(&runtime, &ticking);
    ck_assert(has_state(&ring.trace, "interval", "EDO_DONE", "EDO_START"));
    runtime_close(&runtime);
}
END_TEST

/* async fn outer(inner) { if is_naming { name inner; } inner.await; }, and awaits nothing
 * afterwards. */
struct outer {
    struct edo_future future;
    struct fake inner;
    bool is_naming;
};

static enum edo_poll outer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct outer *outer = edo_container_of(self, struct outer, future);

    if (self->state == EDO_START) {
        edo_future_goto(self, EDO_FIRST_AWAIT);
        if (outer->is_naming)
            edo_future_set_name(&outer->inner.future, "one");
        if (outer->is_naming)
            edo_future_set_name(&outer->inner.future, "two");
    }
    if (edo_future_await(self, &outer->inner.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    ck_assert_ptr_null(self->awaiting);
    return edo_future_done(self, NULL);
}

START_TEST(a_future_has_one_number_and_says_who_awaits_it)
{
    static const struct edo_future_type type = {.name = "outer", .poll = outer_poll};
    static const char *const named[] = {"name 2 1 one", "name 2 1 two", "state 1 0 outer",
                                        "state 2 1 fake"};
    struct ring ring;
    struct runtime runtime;
    struct outer outer;
    unsigned seen = 0;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    edo_future_init(&outer.future, &type);
    fake_init(&outer.inner, 1);
    outer.is_naming = _i == 0; /* cppcheck-suppress unreadVariable ; its poll reads it */
    outer.inner.wakes_itself = true;
    runtime_await(&runtime, &outer.future);
    for (size_t i = 0; i < edo_trace_count(&ring.trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&ring.trace, i);
        char words[64];

        sprintf(words, "%s %u %llu %s", edo_trace_kind_name(event->kind), event->other,
                (unsigned long long)event->arg, or_dash(event->name));
        for (unsigned k = 0; k < 4; k++)
            seen |= (unsigned)(strcmp(words, named[k]) == 0) << k;
    }
    ck_assert_uint_eq(seen, _i == 0 ? 7 : 12);
    runtime_close(&runtime);
}
END_TEST

/* D10: an executor without a trace, run inside a poll of one that has one. */
struct nested {
    struct edo_future future;
    struct runtime inner;
    struct fake fake, late;
    struct edo_task late_task;
    struct edo_source timer;
    struct edo_notify notify;
    struct edo_notify_wait after;
};

static void spawn_late(void *data, struct edo_cause cause)
{
    struct nested *nested = data;

    (void)cause;
    fake_init(&nested->late, 0);
    edo_task_init(&nested->late_task, "late", &nested->late.future);
    edo_executor_spawn(&nested->inner.executor, &nested->late_task);
}

static enum edo_poll nested_poll(struct edo_future *self, struct edo_context *cx)
{
    struct nested *nested = edo_container_of(self, struct nested, future);

    edo_future_goto(self, EDO_FIRST_AWAIT); /* so that it has a number */
    fake_init(&nested->fake, 1);
    nested->fake.wakes_itself = true;
    edo_source_init(&nested->timer);
    edo_reactor_arm_for(&nested->inner.executor.reactor, &nested->timer, 0,
                        (struct edo_waker){spawn_late, nested});
    runtime_await(&nested->inner, &nested->fake.future);
    edo_executor_run(&nested->inner.executor);
    edo_notify_init(&nested->notify);
    edo_notify_one(&nested->notify);
    edo_notify_wait_init(&nested->after, &nested->notify);
    ck_assert_int_eq(edo_future_await(self, &nested->after.future, cx), EDO_READY);
    return edo_future_done(self, NULL);
}

START_TEST(what_runs_inside_a_traced_poll_without_a_trace_is_not_recorded)
{
    static const struct edo_future_type type = {.name = "nested", .poll = nested_poll};
    struct ring ring;
    struct runtime outer;
    struct nested nested;

    ring_init(&ring, 64);
    runtime_open_traced(&outer, _i, &ring.trace);
    runtime_open(&nested.inner, _i);
    edo_future_init(&nested.future, &type);
    runtime_await(&outer, &nested.future);
    for (size_t i = 0; i < edo_trace_count(&ring.trace); i++)
        ck_assert_str_ne(or_dash(edo_trace_at(&ring.trace, i)->name), "fake");
    runtime_close(&nested.inner);
    runtime_close(&outer);
}
END_TEST

/* Numbers of futures are a trace's own. */
START_TEST(what_is_spawned_into_another_executor_is_nobody_s_there)
{
    static const struct edo_future_type type = {.name = "nested", .poll = nested_poll};
    struct ring rings[2];
    struct runtime outer;
    struct nested nested;
    unsigned seen = 0;

    ring_init(&rings[0], 64);
    ring_init(&rings[1], 64);
    runtime_open_traced(&outer, _i, &rings[0].trace);
    runtime_open_traced(&nested.inner, _i, &rings[1].trace);
    edo_future_init(&nested.future, &type);
    runtime_await(&outer, &nested.future);
    for (size_t i = 0; i < edo_trace_count(&rings[1].trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&rings[1].trace, i);

        if (event->kind != EDO_TRACE_SPAWN && event->kind != EDO_TRACE_STATE)
            continue;
        seen++;
        ck_assert_uint_eq(event->arg, 0);
    }
    ck_assert_uint_ge(seen, 4); /* two are spawned, one of them by a waker */
    for (size_t i = 0; i < edo_trace_count(&rings[0].trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&rings[0].trace, i);

        if (strcmp(or_dash(event->from), "EDO_START") == 0 && strcmp(event->name, "notify") == 0)
            ck_assert_uint_eq(event->arg, nested.future.number);
    }
    runtime_close(&nested.inner);
    runtime_close(&outer);
}
END_TEST

/* async fn spawner() { spawn(fake) } */
struct spawner {
    struct edo_future future;
    struct edo_task task;
    struct fake fake;
};

static enum edo_poll spawner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct spawner *spawner = edo_container_of(self, struct spawner, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    fake_init(&spawner->fake, 0);
    edo_task_init(&spawner->task, "spawned", &spawner->fake.future);
    edo_executor_spawn(cx->executor, &spawner->task);
    return edo_future_done(self, NULL);
}

START_TEST(a_spawn_from_inside_a_poll_names_the_future_that_is_polled)
{
    static const struct edo_future_type type = {.name = "spawner", .poll = spawner_poll};
    struct ring ring;
    struct runtime runtime;
    struct spawner spawner;
    const struct edo_trace_event *spawn;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    edo_future_init(&spawner.future, &type);
    runtime_await(&runtime, &spawner.future);
    spawn = edo_trace_at(&ring.trace, 0);
    for (size_t i = 1; i < edo_trace_count(&ring.trace); i++)
        if (edo_trace_at(&ring.trace, i)->kind == EDO_TRACE_SPAWN)
            spawn = edo_trace_at(&ring.trace, i);
    ck_assert_str_eq(spawn->name, "spawned");
    ck_assert_uint_gt(spawner.future.number, 0);
    ck_assert_uint_eq(spawn->arg, spawner.future.number);
    edo_task_cancel(&spawner.task);
    runtime_close(&runtime);
}
END_TEST

/* async fn by_hand() { join.await or sleep.await, polled by hand; cancels `victim` first } */
struct by_hand {
    struct edo_future future;
    struct edo_join_tasks join;
    struct edo_sleep sleep;
    struct edo_task *victim;
};

static enum edo_poll by_hand_poll(struct edo_future *self, struct edo_context *cx)
{
    struct by_hand *by_hand = edo_container_of(self, struct by_hand, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (by_hand->victim != NULL)
        edo_task_cancel(by_hand->victim);
    if (edo_future_await(self, &by_hand->join.future, cx) == EDO_PENDING &&
        edo_future_poll(&by_hand->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    edo_future_cancel(&by_hand->join.future);
    return edo_future_done(self, NULL);
}

static void by_hand_init(struct by_hand *by_hand, struct edo_task *other)
{
    static const struct edo_future_type type = {.name = "by_hand", .poll = by_hand_poll};

    *by_hand = (struct by_hand){.victim = NULL};
    edo_future_init(&by_hand->future, &type);
    edo_await_tasks_init(&by_hand->join, other, 1);
    edo_sleep_init(&by_hand->sleep, EDO_MS(1));
}

/* Who awaits it is looked for from the task's own future on, and not in the tasks that it joins:
 * two that look at each other have no end. */
START_TEST(the_walk_to_a_future_does_not_leave_its_task)
{
    struct ring ring;
    struct runtime runtime;
    struct by_hand by_hand;
    struct edo_join_tasks back;
    struct edo_task tasks[2];

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    by_hand_init(&by_hand, &tasks[1]);
    edo_await_tasks_init(&back, &tasks[0], 1);
    edo_task_init(&tasks[0], "looks", &by_hand.future);
    edo_task_init(&tasks[1], "looks back", &back.future);
    edo_executor_spawn(&runtime.executor, &tasks[1]);
    edo_executor_spawn(&runtime.executor, &tasks[0]);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(the_own_future_of_a_task_that_is_cancelled_is_awaited_by_none)
{
    struct ring ring;
    struct runtime runtime;
    struct by_hand by_hand;
    struct fake fake;
    struct edo_task task, victim;
    bool is_seen = false;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    fake_init(&fake, 0);
    edo_task_init(&victim, "victim", &fake.future);
    by_hand_init(&by_hand, &victim);
    by_hand.victim = &victim;
    edo_task_init(&task, "canceller", &by_hand.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_spawn(&runtime.executor, &victim);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    for (size_t i = 0; i < edo_trace_count(&ring.trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&ring.trace, i);

        if (event->kind != EDO_TRACE_STATE || strcmp(event->name, "fake") != 0)
            continue;
        is_seen = true;
        ck_assert_uint_eq(event->arg, 0);
    }
    ck_assert(is_seen);
    runtime_close(&runtime);
}
END_TEST

/* D10 */
START_TEST(a_phase_before_the_reactor_is_open_is_recorded_at_0)
{
    struct edo_trace_event events[4];
    struct edo_trace trace;

    edo_trace_init(&trace, events, 4);
    edo_trace_phase(&trace, "early");
    ck_assert_uint_eq(edo_trace_count(&trace), 1);
    ck_assert_uint_eq(edo_trace_at(&trace, 0)->t_ns, 0);
    ck_assert_str_eq(edo_trace_at(&trace, 0)->name, "early");
    ck_assert_uint_eq(edo_trace_at(&trace, 0)->other, 0); /* it is of nobody */
}
END_TEST

START_TEST(a_name_that_a_future_is_given_goes_into_the_trace_where_there_is_one)
{
    struct ring ring;
    struct runtime runtime;
    struct fake fake;

    fake_init(&fake, 0);
    edo_future_set_name(&fake.future, "nobody hears it");
    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, FD_VIRTUAL, &ring.trace);
    edo_trace_of_thread = &ring.trace; /* as in a poll */
    for (unsigned i = 0; i < 2; i++) {
        edo_future_set_name(&fake.future, "its name");
        ck_assert_str_eq(edo_trace_at(&ring.trace, i)->name, "its name");
        ck_assert_uint_eq(edo_trace_at(&ring.trace, i)->other, 1);
    }
    edo_trace_of_thread = NULL;
    runtime_close(&runtime);
}
END_TEST

static void disarm_other(void *data, struct edo_cause cause)
{
    (void)cause;
    edo_source_disarm(data);
}

/* Both are due, their timerfds closed, when the first disarms the second. */
START_TEST(a_timer_that_is_disarmed_when_it_is_due_makes_no_system_call)
{
    struct edo_trace_note notes[32];
    struct ring ring;
    struct runtime runtime;
    struct edo_source first, second;
    unsigned closes = 0;

    ring_init(&ring, CAPACITY);
    edo_trace_keep_notes(&ring.trace, notes, 32);
    runtime_open_traced(&runtime, FD_VIRTUAL, &ring.trace);
    edo_source_init(&first);
    edo_source_init(&second);
    edo_reactor_arm_for(&runtime.executor.reactor, &first, EDO_MS(1),
                        (struct edo_waker){disarm_other, &second});
    edo_reactor_arm_for(&runtime.executor.reactor, &second, EDO_MS(1), (struct edo_waker){0});
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_WAIT), 1);
    for (size_t i = 0; i < edo_trace_note_count(&ring.trace); i++)
        closes += strcmp(edo_trace_note_at(&ring.trace, i)->name, "close") == 0;
    ck_assert_uint_eq(closes, 2);
    runtime_close(&runtime);
}
END_TEST

START_TEST(that_nobody_can_be_woken_any_more_is_recorded)
{
    struct ring ring;
    struct runtime runtime;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_WAIT), -EDEADLK);
    ck_assert_uint_eq(edo_trace_count(&ring.trace), 1);
    ck_assert_int_eq(edo_trace_at(&ring.trace, 0)->kind, EDO_TRACE_STUCK);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_wake_of_who_is_ready_is_recorded_as_one_more)
{
    struct ring ring;
    struct runtime runtime;
    struct fake fake;
    struct edo_task task;
    const struct edo_trace_event *last;

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, _i, &ring.trace);
    fake_init(&fake, 0);
    edo_task_init(&task, "task", &fake.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    edo_wake(edo_task_waker(&task));
    last = edo_trace_at(&ring.trace, edo_trace_count(&ring.trace) - 1);
    ck_assert_int_eq(last->kind, EDO_TRACE_WAKE);
    ck_assert_str_eq(last->to, "again");
    runtime_close(&runtime);
}
END_TEST

/* --- The file --------------------------------------------------------------------------------- */

/* What the trace is written as. */
static void write_into(char *text, size_t size, const struct edo_trace *trace)
{
    FILE *file = fmemopen(text, size, "w");

    edo_trace_write(trace, file);
    fclose(file);
}

START_TEST(whatever_a_name_holds_it_is_one_field_of_ascii)
{
    static const char *const names[][2] = {
        {"-", "\\x2d"},  {"--", "--"},      {"a\tb\n", "a\\x09b\\x0a"},
        {"\\", "\\x5c"}, {"\x7f", "\\x7f"}, {"\xc3\xa9 ~", "\\xc3\\xa9 ~"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[1024] = "", field[32];
        struct ring ring;

        ring_init(&ring, 4);
        edo_trace_phase(&ring.trace, names[i][0]);
        write_into(text, sizeof text, &ring.trace);
        sprintf(field, "\t%s\n", names[i][1]);
        ck_assert_ptr_nonnull(strstr(text, field));
    }
}
END_TEST

START_TEST(it_says_which_clock_its_times_are_on)
{
    struct edo_clock real = {.is_virtual = false};
    char text[1024] = "";
    struct ring ring;

    ring_init(&ring, 4);
    ring.trace.clock = &real;
    write_into(text, sizeof text, &ring.trace);
    ck_assert_ptr_nonnull(strstr(text, "in ns on CLOCK_MONOTONIC\n"));
    ring.trace.clock = NULL; /* no reactor was opened with it */
    write_into(text, sizeof text, &ring.trace);
    ck_assert_ptr_nonnull(strstr(text, "in ns on CLOCK_MONOTONIC\n"));
}
END_TEST

static bool is_same(const char *text, const char *name)
{
    return strcmp(text, or_dash(name)) == 0;
}

START_TEST(what_is_written_can_be_read_back)
{
    struct traced traced;
    const struct edo_trace *trace = &traced.ring.trace;
    char text[8192] = "", kind[32], from[32], to[32], name[32];
    const char *at;
    size_t count;

    run_traced(&traced);
    count = edo_trace_count(trace);
    write_into(text, sizeof text, trace);
    ck_assert_ptr_nonnull(strstr(text, ", 0 events dropped\n"));
    ck_assert_ptr_nonnull(strstr(text, "in ns on a virtual clock"));
    at = strstr(text, "seq\tt_ns\tkind\ttask\tother\tfrom\tto\tfd\targ\tname\n");
    ck_assert_ptr_nonnull(at);
    for (size_t i = 0; i < count; i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);
        uint64_t seq, t_ns, arg;
        uint32_t task, other;
        int fd;

        at = strchr(at, '\n') + 1;
        ck_assert_int_eq(sscanf(at,
                                "%" SCNu64 "\t%" SCNu64 "\t%31[^\t]\t%" SCNu32 "\t%" SCNu32
                                "\t%31[^\t]\t%31[^\t]\t%d\t%" SCNu64 "\t%31[^\n]\n",
                                &seq, &t_ns, kind, &task, &other, from, to, &fd, &arg, name),
                         10);
        ck_assert_uint_eq(seq, i);
        ck_assert_uint_eq(t_ns, event->t_ns);
        ck_assert_str_eq(kind, edo_trace_kind_name(event->kind));
        ck_assert_uint_eq(task, event->task);
        ck_assert_uint_eq(other, event->other);
        ck_assert_int_eq(fd, event->fd);
        ck_assert_uint_eq(arg, event->arg);
        ck_assert(is_same(from, event->from) && is_same(to, event->to) &&
                  is_same(name, event->name));
    }
    ck_assert_str_eq(strchr(at, '\n'), "\n");
}
END_TEST

START_TEST(what_a_name_may_not_hold_is_written_in_hexadecimal)
{
    static const char *const names[] = {" ~", "\x1f\x7f", "a\\b", "-", "--", ""};
    static const char *const written[] = {" ~", "\\x1f\\x7f", "a\\x5cb", "\\x2d", "--", ""};
    struct ring ring;
    char text[1024] = "", end[32];
    FILE *file = fmemopen(text, sizeof text, "w");

    ring_init(&ring, 8);
    edo_trace_phase(&ring.trace, names[_i]);
    edo_trace_write(&ring.trace, file);
    fclose(file);
    sprintf(end, "\t-1\t0\t%s\n", written[_i]);
    ck_assert_str_eq(text + strlen(text) - strlen(end), end);
}
END_TEST

/* --- Why a task was woken --------------------------------------------------------------------- */

/* A task that awaits one future, on a runtime with a trace. */
struct woken {
    struct ring ring;
    struct runtime runtime;
    struct edo_task task;
};

static void woken_open(struct woken *woken, int variant)
{
    edo_trace_init(&woken->ring.trace, woken->ring.events, CAPACITY);
    runtime_open_traced(&woken->runtime, variant, &woken->ring.trace);
}

static void woken_await(struct woken *woken, struct edo_future *future)
{
    edo_task_init(&woken->task, "woken", future);
    ck_assert_int_eq(edo_executor_spawn(&woken->runtime.executor, &woken->task), 0);
    runtime_run_for(&woken->runtime, EDO_MS(1));
}

/* Its last wake. */
static void check_cause(const struct woken *woken, const char *cause, uint64_t id)
{
    const struct edo_trace_event *wake = NULL;

    for (size_t i = 0; i < edo_trace_count(&woken->ring.trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(&woken->ring.trace, i);

        if (event->kind == EDO_TRACE_WAKE && event->task == woken->task.id)
            wake = event;
    }
    ck_assert_ptr_nonnull(wake);
    ck_assert_str_eq(wake->from, cause);
    ck_assert_uint_eq(wake->arg, id);
}

START_TEST(a_permit_and_a_notify_are_causes)
{
    struct woken woken;
    struct edo_semaphore semaphore;
    struct edo_acquire acquire;
    struct edo_notify notify;
    struct edo_notify_wait wait;

    woken_open(&woken, _i);
    edo_semaphore_init(&semaphore, 0);
    edo_acquire_init(&acquire, &semaphore);
    woken_await(&woken, &acquire.future);
    edo_semaphore_release(&semaphore);
    check_cause(&woken, "notify", 0);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);

    edo_notify_init(&notify);
    edo_notify_wait_init(&wait, &notify);
    woken_await(&woken, &wait.future);
    edo_notify_one(&notify);
    check_cause(&woken, "notify", 0);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    runtime_close(&woken.runtime);
}
END_TEST

START_TEST(a_message_is_a_cause_with_the_number_of_its_channel)
{
    struct woken woken;
    struct edo_channel channel;
    struct edo_receive receive;
    char buffer, message;
    uint32_t number;

    woken_open(&woken, _i);
    edo_channel_init(&channel, &buffer, 1, 1);
    edo_receive_init(&receive, &channel, &message);
    woken_await(&woken, &receive.future);
    ck_assert_int_eq(edo_channel_try_send(&channel, "x"), 0);
    ck_assert_uint_ne(channel.number, 0);
    check_cause(&woken, "channel", channel.number);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    number = channel.number;
    edo_receive_init(&receive, &channel, &message);
    woken_await(&woken, &receive.future);
    ck_assert_uint_eq(channel.number, number); /* that of the first future that used it */
    ck_assert_int_eq(edo_channel_try_send(&channel, "x"), 0);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    runtime_close(&woken.runtime);
}
END_TEST

START_TEST(an_fd_is_a_cause_and_of_a_registered_one_its_peer)
{
    struct woken woken;
    struct edo_watch watch;
    struct edo_io io;
    struct edo_read reading;
    char byte;
    int ends[2];

    woken_open(&woken, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[0], EPOLLIN);
    woken_await(&woken, &watch.future);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    check_cause(&woken, "fd", watch.source.id);

    ck_assert_int_eq((int)read(ends[0], &byte, 1), 1);
    ck_assert_int_eq(edo_io_open(&io, &woken.runtime.executor.reactor, ends[0]), 0);
    edo_read_init(&reading, &io, &byte, 1);
    woken_await(&woken, &reading.operation.future);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    check_cause(&woken, "peer", io.waits[EDO_READ].id);
    edo_io_close(&io);
    close(ends[1]);
    runtime_close(&woken.runtime);
}
END_TEST

/* By itself, or because it has had its share of what is ready at once. */
/* A registered fd whose waits say what they are for. */
START_TEST(a_signal_a_child_and_a_thread_are_causes)
{
    static char *argv[] = {"sh", "-c", "exit 0", NULL};
    struct woken woken;
    struct edo_signals signals;
    struct edo_signal_wait signal_wait;
    struct edo_child child;
    struct edo_child_options options = {.path = "sh", .argv = argv};
    struct edo_child_wait child_wait;
    struct edo_remote remote;
    struct edo_notice notice;
    struct edo_notified notified;
    sigset_t set;

    woken_open(&woken, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(edo_signals_open(&signals, &woken.runtime.executor.reactor, &set), 0);
    edo_signal_wait_init(&signal_wait, &signals);
    woken_await(&woken, &signal_wait.operation.future);
    kill(getpid(), SIGUSR1);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    check_cause(&woken, "signal", signals.io.waits[EDO_READ].id);
    edo_signals_close(&signals);

    ck_assert_int_eq(edo_remote_open(&remote, &woken.runtime.executor.reactor), 0);
    edo_notice_init(&notice, &remote);
    edo_notified_init(&notified, &notice);
    woken_await(&woken, &notified.future);
    edo_notice_post(&notice);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    check_cause(&woken, "thread", notice.wait.id);
    edo_remote_close(&remote);

    ck_assert_int_eq(edo_child_spawn(&child, &woken.runtime.executor.reactor, &options), 0);
    edo_child_wait_init(&child_wait, &child);
    edo_task_init(&woken.task, "waiter", &child_wait.operation.future);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    ck_assert_int_eq(child.pidfd.waits[EDO_READ].cause, EDO_CAUSE_CHILD);
    edo_child_close(&child);
    runtime_close(&woken.runtime);
}
END_TEST

START_TEST(giving_way_to_the_others_is_a_cause)
{
    struct woken woken;
    struct edo_yield yield;
    struct edo_channel channel;
    struct edo_receive receives[EDO_BUDGET + 1];
    struct edo_future *children[EDO_BUDGET + 1];
    struct sequence sequence;
    char buffer[EDO_BUDGET + 1], message;

    woken_open(&woken, _i);
    edo_yield_init(&yield);
    woken_await(&woken, &yield.future);
    check_cause(&woken, "yield", 0);

    edo_channel_init(&channel, buffer, 1, sizeof buffer);
    for (int i = 0; i <= EDO_BUDGET; i++) {
        ck_assert_int_eq(edo_channel_try_send(&channel, "x"), 0);
        edo_receive_init(&receives[i], &channel, &message);
        children[i] = &receives[i].future;
    }
    sequence_init(&sequence, children, EDO_BUDGET + 1);
    edo_task_init(&woken.task, "woken", &sequence.future);
    ck_assert_int_eq(edo_executor_spawn(&woken.runtime.executor, &woken.task), 0);
    ck_assert_int_eq(edo_executor_turn(&woken.runtime.executor), 0);
    check_cause(&woken, "yield", 0);
    ck_assert_int_eq(edo_executor_block_on(&woken.runtime.executor, &woken.task), 0);
    runtime_close(&woken.runtime);
}
END_TEST

/* A shield makes the cancel pending, so the task that is cancelled is woken itself. */
START_TEST(a_cancel_is_a_cause_with_the_number_of_the_task)
{
    struct woken woken;
    struct edo_sleep sleep;
    struct edo_shield shield;

    woken_open(&woken, _i);
    edo_sleep_init(&sleep, EDO_MS(5));
    edo_shield_init(&shield, &sleep.future);
    edo_task_init(&woken.task, "woken", &shield.future);
    ck_assert_int_eq(edo_executor_spawn(&woken.runtime.executor, &woken.task), 0);
    ck_assert_int_eq(edo_executor_turn(&woken.runtime.executor), 0);
    edo_task_cancel(&woken.task);
    check_cause(&woken, "cancel", woken.task.id);
    edo_executor_block_on(&woken.runtime.executor, &woken.task);
    runtime_close(&woken.runtime);
}
END_TEST

/* The owner of the group is the wait itself. */
START_TEST(the_end_of_a_member_is_a_cause_with_the_number_of_its_task)
{
    struct woken woken;
    struct edo_group group;
    struct edo_group_wait wait;
    struct edo_member member;
    struct fake fake;

    woken_open(&woken, _i);
    edo_group_all_init(&wait, &group);
    edo_group_init(&group, &wait.future);
    fake_init(&fake, 1);
    edo_task_init(&member.task, "member", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, &woken.runtime.executor, &member), 0);
    woken_await(&woken, &group.future);
    edo_wake(fake.waker);
    ck_assert_int_eq(edo_executor_turn(&woken.runtime.executor), 0);
    check_cause(&woken, "group", member.task.id);
    ck_assert_int_eq(edo_executor_block_on(&woken.runtime.executor, &woken.task), 0);
    runtime_close(&woken.runtime);
}
END_TEST

START_TEST(who_joins_a_task_is_woken_by_its_end_or_by_its_cancel)
{
    struct ring ring;
    struct runtime runtime;
    struct fake fake;
    struct edo_join_tasks join;
    struct edo_task joined, joiner;
    const char *cause = "none";

    ring_init(&ring, CAPACITY);
    runtime_open_traced(&runtime, FD_VIRTUAL, &ring.trace);
    fake_init(&fake, 1);
    edo_task_init(&joined, "joined", &fake.future);
    edo_join_tasks_init(&join, &joined, 1);
    edo_task_init(&joiner, "joiner", &join.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &joined), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &joiner), 0);
    edo_executor_turn(&runtime.executor);
    if (_i == 0)
        edo_wake(fake.waker);
    else
        edo_task_cancel(&joined);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &joiner), 0);
    for (size_t i = 0; i < edo_trace_count(&ring.trace); i++)
        if (edo_trace_at(&ring.trace, i)->kind == EDO_TRACE_WAKE &&
            edo_trace_at(&ring.trace, i)->task == joiner.id)
            cause = edo_trace_at(&ring.trace, i)->from;
    ck_assert_str_eq(cause, _i == 0 ? "task" : "cancel");
    runtime_close(&runtime);
}
END_TEST

/* Of four that wait for each other, the first event of each names the one above it. */
START_TEST(the_first_event_of_a_future_names_the_one_that_awaits_it)
{
    struct edo_trace_event events[64];
    struct edo_trace trace;
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_shield inner, outer;
    struct edo_branch branch = {.child = &inner.future};
    struct edo_join join;
    const struct edo_trace_event *first[5] = {NULL};

    edo_trace_init(&trace, events, 64);
    runtime_open_traced(&runtime, _i, &trace);
    edo_sleep_init(&sleep, EDO_US(1));
    edo_shield_init(&inner, &sleep.future);
    edo_join_init(&join, &branch, 1);
    edo_shield_init(&outer, &join.future);
    runtime_await(&runtime, &outer.future);
    for (size_t i = edo_trace_count(&trace); i-- > 0;)
        if (events[i].kind == EDO_TRACE_STATE && events[i].other < 5)
            first[events[i].other] = &events[i];
    ck_assert_uint_eq(first[outer.future.number]->arg, 0);
    ck_assert_uint_eq(first[join.future.number]->arg, outer.future.number);
    ck_assert_uint_eq(first[inner.future.number]->arg, join.future.number);
    ck_assert_uint_eq(first[sleep.future.number]->arg, inner.future.number);
    runtime_close(&runtime);
}
END_TEST

Suite *trace_suite(void)
{
    Suite *suite = suite_create("trace");
    TCase *ring = tcase_create("ring");
    TCase *record = tcase_create("record");
    TCase *causes = tcase_create("causes");
    TCase *children = tcase_create("children");

    tcase_add_test(ring, events_stand_in_the_order_in_which_they_were_recorded);
    tcase_add_test(ring, a_full_ring_drops_the_oldest_and_counts_them);
    tcase_add_test(ring, events_carry_the_time_of_the_runtime_s_clock);
    tcase_add_test(ring, notes_have_a_ring_of_their_own);
    tcase_add_test(ring, without_a_trace_a_phase_is_nothing);
    tcase_add_loop_test(ring, the_first_event_of_a_future_names_the_one_that_awaits_it, 0,
                        VARIANTS);
    tcase_add_loop_test(ring, who_joins_a_task_is_woken_by_its_end_or_by_its_cancel, 0, 2);
    suite_add_tcase(suite, ring);

    tcase_add_test(record, a_run_is_recorded_event_by_event);
    tcase_add_test(record, a_fire_says_when_it_should_have_been);
    tcase_add_loop_test(record, what_runs_without_a_trace_is_not_recorded_in_another_s, 0,
                        VARIANTS);
    tcase_add_loop_test(record, what_runs_inside_a_traced_poll_without_a_trace_is_not_recorded, 0,
                        VARIANTS);
    tcase_add_loop_test(record, what_is_spawned_into_another_executor_is_nobody_s_there, 0,
                        VARIANTS);
    tcase_add_loop_test(record, a_spawn_from_inside_a_poll_names_the_future_that_is_polled, 0,
                        VARIANTS);
    tcase_add_loop_test(record, an_interval_that_begins_its_next_tick_is_seen_to_do_so, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(record, a_future_has_one_number_and_says_who_awaits_it, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(record, the_walk_to_a_future_does_not_leave_its_task, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(record, the_own_future_of_a_task_that_is_cancelled_is_awaited_by_none, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(record, a_phase_before_the_reactor_is_open_is_recorded_at_0);
    tcase_add_test(record, a_name_that_a_future_is_given_goes_into_the_trace_where_there_is_one);
    tcase_add_test(record, a_timer_that_is_disarmed_when_it_is_due_makes_no_system_call);
    tcase_add_loop_test(record, that_nobody_can_be_woken_any_more_is_recorded, 0, VARIANTS);
    tcase_add_loop_test(record, a_wake_of_who_is_ready_is_recorded_as_one_more, 0, VARIANTS);
    tcase_add_test(record, whatever_a_name_holds_it_is_one_field_of_ascii);
    tcase_add_test(record, it_says_which_clock_its_times_are_on);
    tcase_add_test(record, what_is_written_can_be_read_back);
    tcase_add_loop_test(record, what_a_name_may_not_hold_is_written_in_hexadecimal, 0, 6);
    suite_add_tcase(suite, record);

    tcase_add_loop_test(causes, a_permit_and_a_notify_are_causes, 0, VARIANTS);
    tcase_add_loop_test(causes, a_message_is_a_cause_with_the_number_of_its_channel, 0, VARIANTS);
    tcase_add_loop_test(causes, an_fd_is_a_cause_and_of_a_registered_one_its_peer, 0, VARIANTS);
    tcase_add_loop_test(causes, giving_way_to_the_others_is_a_cause, 0, VARIANTS);
    tcase_add_loop_test(causes, a_cancel_is_a_cause_with_the_number_of_the_task, 0, VARIANTS);
    tcase_add_loop_test(causes, the_end_of_a_member_is_a_cause_with_the_number_of_its_task, 0,
                        VARIANTS);
    suite_add_tcase(suite, causes);
    tcase_add_loop_test(children, a_signal_a_child_and_a_thread_are_causes, 0, VIRTUAL_VARIANTS);
    tcase_set_tags(children, "pidfd"); /* scripts/check-valgrind leaves them out */
    suite_add_tcase(suite, children);
    return suite;
}
