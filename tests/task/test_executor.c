/* SPDX-License-Identifier: MIT */
/* The executor: turns, spawning, deadlocks, closing. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../../reactor/base/ticks.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* A task around a fake. */
struct fake_task {
    struct edo_task task;
    struct fake fake;
};

static void spawn_fake(struct runtime *runtime, struct fake_task *fake, const char *name,
                       unsigned pending)
{
    fake_init(&fake->fake, pending);
    edo_task_init(&fake->task, name, &fake->fake.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, &fake->task), 0);
}

/* A future whose poll calls a function of the test's, once, and is then done. */
struct call {
    struct edo_future future;
    struct edo_task task;
    void (*function)(struct call *call, struct edo_context *cx);
    int results[7];
    void *data;
};

static enum edo_poll call_poll(struct edo_future *self, struct edo_context *cx)
{
    struct call *call = edo_container_of(self, struct call, future);

    call->function(call, cx);
    return edo_future_done(self, NULL);
}

static const struct edo_future_type call_type = {.name = "call", .poll = call_poll};

static void run_call(struct runtime *runtime, struct call *call,
                     void (*function)(struct call *, struct edo_context *), void *data)
{
    *call = (struct call){.function = function, .data = data};
    edo_future_init(&call->future, &call_type);
    edo_task_init(&call->task, "call", &call->future);
    ck_assert_int_eq(edo_executor_block_on(&runtime->executor, &call->task), 0);
}

/* async fn loop { for _ in 0..times { sleep(duration).await; count += 1 } } */
struct loop {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleep;
    uint64_t duration_ns;
    unsigned times;
    unsigned count;
};

enum loop_state { LOOP_START = EDO_START, LOOP_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static enum edo_poll loop_poll(struct edo_future *self, struct edo_context *cx)
{
    struct loop *loop = edo_container_of(self, struct loop, future);

    switch ((enum loop_state)self->state) {
    case LOOP_START:
        edo_sleep_init(&loop->sleep, loop->duration_ns);
        edo_future_goto(self, LOOP_AWAITS_SLEEP);
        /* fall through */
    case LOOP_AWAITS_SLEEP:
        while (loop->count < loop->times) {
            if (edo_future_await(self, &loop->sleep.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            loop->count++;
            edo_sleep_init(&loop->sleep, loop->duration_ns);
        }
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type loop_type = {.name = "loop", .poll = loop_poll};

static void spawn_loop(struct runtime *runtime, struct loop *loop, uint64_t duration_ns,
                       unsigned times)
{
    *loop = (struct loop){.duration_ns = duration_ns, .times = times};
    edo_future_init(&loop->future, &loop_type);
    edo_task_init(&loop->task, "loop", &loop->future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, &loop->task), 0);
}

/* --- Turns ------------------------------------------------------------------------------------ */

START_TEST(block_on_runs_a_future_to_its_end)
{
    struct runtime runtime;
    struct fake_task fake;

    runtime_open(&runtime, _i);
    fake_init(&fake.fake, 0);
    edo_task_init(&fake.task, "main", &fake.fake.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &fake.task), 0);
    ck_assert_int_eq(edo_future_outcome(&fake.fake.future).kind, EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &fake.task), 0); /* ended already */
    ck_assert_uint_eq(fake.fake.polls, 1);
    runtime_close(&runtime);
}
END_TEST

START_TEST(run_runs_until_no_task_is_left)
{
    struct runtime runtime;
    struct loop a, b;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &a, EDO_US(700), 3);
    spawn_loop(&runtime, &b, EDO_US(500), 5);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(a.count, 3);
    ck_assert_uint_eq(b.count, 5);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0); /* nothing to do */
    runtime_close(&runtime);
}
END_TEST

START_TEST(tasks_that_are_not_waited_for_stay_and_go_on_later)
{
    struct runtime runtime;
    struct loop longer, shorter;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &longer, EDO_MS(3), 1);
    spawn_loop(&runtime, &shorter, EDO_MS(1), 1);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &shorter.task), 0);
    ck_assert(edo_task_is_live(&longer.task));
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &longer.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(3));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_task_woken_meanwhile_waits_for_the_next_turn)
{
    struct runtime runtime;
    struct fake_task busy, other;

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &busy, "busy", 10);
    busy.fake.wakes_itself = true;
    spawn_fake(&runtime, &other, "other", 3);
    other.fake.wakes_itself = true;
    edo_executor_block_on(&runtime.executor, &other.task);
    ck_assert_uint_eq(other.fake.polls, 4);
    ck_assert_uint_eq(busy.fake.polls, 4); /* turn and turn about */
    runtime_close(&runtime);
}
END_TEST

/* T2 */
START_TEST(a_loop_of_empty_sleeps_starves_nobody_and_can_be_cancelled)
{
    struct runtime runtime;
    struct loop empty, sleeper;

    runtime_open(&runtime, FD_REAL);
    spawn_loop(&runtime, &empty, 0, UINT32_MAX);
    spawn_loop(&runtime, &sleeper, EDO_MS(1), 2);
    edo_executor_block_on(&runtime.executor, &sleeper.task);
    ck_assert_uint_eq(sleeper.count, 2);
    ck_assert_int_eq(edo_task_cancel(&empty.task), EDO_READY);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* The kernel is looked at although somebody is always ready. */
START_TEST(a_task_that_is_always_ready_does_not_starve_timers)
{
    struct runtime runtime;
    struct fake_task busy;
    struct loop sleeper;

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &busy, "busy", UINT32_MAX);
    busy.fake.wakes_itself = true;
    spawn_loop(&runtime, &sleeper, EDO_MS(1), 2);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &sleeper.task), 0);
    runtime_close(&runtime);
}
END_TEST

/* D3. Polls of some 10 ns; an fd is watched, or there was nothing to look at. On a slow machine it
 * may be more looks, but not one for each turn. */
START_TEST(a_busy_executor_looks_at_the_kernel_only_now_and_then)
{
    struct runtime runtime;
    struct fake_task busy[2];
    struct edo_watch watch;
    struct edo_task watcher;
    uint64_t began_ns, took_ns;
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_task_init(&watcher, "watcher", &watch.future);
    edo_executor_spawn(&runtime.executor, &watcher);
    for (int i = 0; i < 2; i++) {
        spawn_fake(&runtime, &busy[i], "busy", 6400);
        busy[i].fake.wakes_itself = true;
    }
    began_ns = runtime_now(&runtime);
    wrap_begin_counting();
    edo_executor_block_on(&runtime.executor, &busy[1].task);
    wrap_end();
    took_ns = runtime_now(&runtime) - began_ns;
    ck_assert_uint_ge(wrap_count(CALL_EPOLL_WAIT), 1);
    ck_assert_uint_le(wrap_count(CALL_EPOLL_WAIT), 10 + took_ns / EDO_US(5));
    edo_task_cancel(&watcher);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

/* No time passes, as far as the executor is told. */
START_TEST(a_turn_of_short_polls_makes_no_look_due)
{
    struct runtime runtime;
    struct fake_task busy[3];
    struct loop sleeper;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeper, EDO_S(10), 1);
    for (int i = 0; i < 3; i++) {
        spawn_fake(&runtime, &busy[i], "busy", UINT_MAX);
        busy[i].fake.wakes_itself = true;
    }
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    runtime.executor.is_look_due = false;
    runtime.executor.since_look.per_limit = UINT64_MAX;
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert(!runtime.executor.is_look_due);
    runtime_close(&runtime);
}
END_TEST

static int by_size(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

/* How many ticks the time between two looks is, as the executor has measured it each time; the
 * middle one, since a process that has to wait for its CPU measures that, too. */
static uint64_t ticks_per_look(struct runtime *runtime)
{
    enum { TURNS = 2001 };
    static uint64_t measured[TURNS];
    struct fake_task busy;

    spawn_fake(runtime, &busy, "busy", UINT_MAX);
    busy.fake.wakes_itself = true;
    for (int i = 0; i < TURNS; i++) {
        uint64_t start_ns = runtime->executor.since_look.start_ns;

        while (runtime->executor.since_look.start_ns == start_ns)
            edo_executor_turn(&runtime->executor);
        measured[i] = runtime->executor.since_look.per_limit;
    }
    edo_task_cancel(&busy.task);
    qsort(measured, TURNS, sizeof *measured, by_size);
    return measured[TURNS / 2];
}

/* The ticks are ns, or cycles of a counter whose rate is measured here over 20 ms. */
START_TEST(a_busy_executor_looks_once_in_ten_microseconds)
{
    struct runtime runtime;
    struct edo_ticks *ticks = &runtime.executor.since_look;
    struct edo_source armed;
    uint64_t ticks_taken, limit, began_ns, began, took_ns;

    runtime_open(&runtime, _i);
    edo_source_init(&armed);
    edo_reactor_arm_for(&runtime.executor.reactor, &armed, EDO_S(600), (struct edo_waker){0});
    began_ns = runtime_now(&runtime);
    began = ticks->are_cycles ? EDO_CYCLES() : began_ns;
    limit = ticks_per_look(&runtime);
    while ((took_ns = runtime_now(&runtime) - began_ns) < EDO_MS(20))
        ;
    ticks_taken = (ticks->are_cycles ? EDO_CYCLES() : began_ns + took_ns) - began;
    ck_assert_uint_gt(limit * 1000 / (ticks_taken * 1000 / (took_ns / 1000)), 5);
    ck_assert_uint_lt(limit * 1000 / (ticks_taken * 1000 / (took_ns / 1000)), 20);
    edo_source_disarm(&armed);
    runtime_close(&runtime);
}
END_TEST

START_TEST(with_nothing_armed_a_busy_executor_makes_no_system_call)
{
    struct runtime runtime;
    struct fake_task busy;

    runtime_open(&runtime, FD_REAL);
    spawn_fake(&runtime, &busy, "busy", 1000);
    busy.fake.wakes_itself = true;
    wrap_begin_counting();
    edo_executor_block_on(&runtime.executor, &busy.task);
    wrap_end();
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 0);
    runtime_close(&runtime);
}
END_TEST

/* A future that yields, and takes its time in each poll. */
struct slow {
    struct edo_future future;
    struct edo_task task;
    unsigned polls;
};

static enum edo_poll slow_poll(struct edo_future *self, struct edo_context *cx)
{
    struct slow *slow = edo_container_of(self, struct slow, future);
    uint64_t until_ns = edo_clock_now(&cx->reactor->clock) + EDO_US(50);

    while (edo_clock_now(&cx->reactor->clock) < until_ns)
        ;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    edo_wake(cx->waker);
    return ++slow->polls == 64 ? edo_future_done(self, NULL) : EDO_PENDING;
}

static const struct edo_future_type slow_type = {.name = "slow", .poll = slow_poll};

/* D3: the sleep has passed by the end of the first poll. Its task is woken before the second, so
 * that it is polled before the third: whatever else the machine does meanwhile. */
START_TEST(beside_slow_polls_a_timer_waits_for_no_more_than_one)
{
    struct runtime runtime;
    struct slow slow = {.polls = 0};
    struct loop sleeper;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeper, EDO_US(20), 1);
    edo_executor_turn(&runtime.executor);
    edo_future_init(&slow.future, &slow_type);
    edo_task_init(&slow.task, "slow", &slow.future);
    edo_executor_spawn(&runtime.executor, &slow.task);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &sleeper.task), 0);
    ck_assert_uint_le(slow.polls, 2);
    runtime_close(&runtime);
}
END_TEST

/* How many polls the slow have had when a sleep, or the wait for an fd, has ended. */
struct observer {
    struct edo_future future;
    struct edo_sleep sleep;
    struct edo_watch watch;
    struct edo_future *awaited;
    const struct slow *slow;
    unsigned slow_polls;
    struct edo_task task;
};

enum { SLOW = 4 };

static enum edo_poll observer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct observer *observer = edo_container_of(self, struct observer, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, observer->awaited, cx) == EDO_PENDING)
        return EDO_PENDING;
    for (int i = 0; i < SLOW; i++)
        observer->slow_polls += observer->slow[i].polls;
    return edo_future_done(self, NULL);
}

static void observe(struct runtime *runtime, struct observer *observer, struct slow *slow)
{
    static const struct edo_future_type type = {.name = "observer", .poll = observer_poll};

    observer->slow = slow;
    edo_future_init(&observer->future, &type);
    edo_task_init(&observer->task, "observer", &observer->future);
    edo_executor_spawn(&runtime->executor, &observer->task);
    edo_executor_turn(&runtime->executor);
    for (int i = 0; i < SLOW; i++) {
        edo_future_init(&slow[i].future, &slow_type);
        edo_task_init(&slow[i].task, "slow", &slow[i].future);
        edo_executor_spawn(&runtime->executor, &slow[i].task);
    }
}

/* D3: with four slow tasks in the turn. */
START_TEST(in_a_long_turn_a_timer_waits_for_one_poll_and_not_for_the_turn)
{
    struct runtime runtime;
    struct slow slow[SLOW] = {0};
    struct observer observer = {.awaited = &observer.sleep.future};
    struct edo_source later;

    runtime_open(&runtime, WHEEL_REAL);
    edo_source_init(&later);
    edo_reactor_arm_for(&runtime.executor.reactor, &later, EDO_S(60), (struct edo_waker){0});
    edo_sleep_init(&observer.sleep, EDO_US(20));
    observe(&runtime, &observer, slow);
    wrap_begin_counting();
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &observer.task), 0);
    ck_assert_uint_le(observer.slow_polls, 1);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0); /* the thread does not sleep */
    wrap_end();
    runtime_close(&runtime);
}
END_TEST

/* After a turn with four slow polls, and a short one at its end: its looks at the clock are no
 * looks at the kernel, which is due. The observer waits for a pipe. */
struct long_turn {
    struct runtime runtime;
    struct slow slow[SLOW];
    struct fake_task quick;
    struct observer observer;
    int fds[2];
};

static void long_turn_open(struct long_turn *turn)
{
    *turn = (struct long_turn){.observer.awaited = &turn->observer.watch.future};
    ck_assert_int_eq(pipe(turn->fds), 0);
    runtime_open(&turn->runtime, WHEEL_REAL);
    edo_watch_init(&turn->observer.watch, turn->fds[0], EPOLLIN);
    observe(&turn->runtime, &turn->observer, turn->slow);
    spawn_fake(&turn->runtime, &turn->quick, "quick", UINT32_MAX);
    turn->quick.fake.wakes_itself = true;
    ck_assert_int_eq(edo_executor_turn(&turn->runtime.executor), 0);
}

static void long_turn_close(struct long_turn *turn)
{
    runtime_close(&turn->runtime);
    close(turn->fds[0]);
    close(turn->fds[1]);
}

START_TEST(timers_in_the_middle_of_turns_do_not_keep_fds_waiting)
{
    struct long_turn turn;

    long_turn_open(&turn);
    ck_assert_int_eq(write(turn.fds[1], "x", 1), 1);
    for (int i = 0; i < 2 && edo_task_is_live(&turn.observer.task); i++)
        ck_assert_int_eq(edo_executor_turn(&turn.runtime.executor), 0);
    ck_assert(!edo_task_is_live(&turn.observer.task));
    long_turn_close(&turn);
}
END_TEST

START_TEST(from_a_look_in_the_middle_of_a_turn_on_it_is_as_long_to_the_next)
{
    struct long_turn turn;

    long_turn_open(&turn);
    ck_assert_uint_ge(turn.runtime.executor.since_look.start_ns,
                      turn.runtime.executor.reactor.now_ns);
    long_turn_close(&turn);
}
END_TEST

/* Not at the look before them: the rate of the cycle counter is measured from then on. */
static void note_time(void *data, struct edo_cause cause)
{
    static const struct edo_clock clock = {.is_virtual = false};

    (void)cause;
    *(uint64_t *)data = edo_clock_now(&clock);
}

START_TEST(the_time_to_the_next_look_begins_behind_the_wakers)
{
    struct runtime runtime;
    struct fake_task task;
    struct edo_source timer;
    uint64_t woken_ns = 0;

    runtime_open(&runtime, WHEEL_REAL);
    spawn_fake(&runtime, &task, "task", 1);
    edo_executor_turn(&runtime.executor);
    edo_source_init(&timer);
    edo_reactor_arm_for(&runtime.executor.reactor, &timer, 0,
                        (struct edo_waker){note_time, &woken_ns});
    edo_executor_turn(&runtime.executor);
    ck_assert_uint_gt(woken_ns, 0);
    ck_assert_uint_ge(runtime.executor.since_look.start_ns, woken_ns);
    runtime_close(&runtime);
}
END_TEST

/* Then the looks are as rare as before. */
START_TEST(the_look_that_a_long_turn_made_due_is_made_once)
{
    struct long_turn turn;
    struct edo_executor *executor = &turn.runtime.executor;

    long_turn_open(&turn);
    for (int i = 0; i < SLOW; i++)
        edo_task_cancel(&turn.slow[i].task);
    wrap_begin_counting();
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(edo_executor_turn(executor), 0);
        ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 1);
        executor->since_look.per_limit = UINT64_MAX; /* no time passes between looks */
    }
    wrap_end();
    long_turn_close(&turn);
}
END_TEST

/* D3 */
START_TEST(whom_the_reactor_wakes_is_polled_before_those_that_are_ready)
{
    struct runtime runtime;
    struct loop sleeper;
    struct fake_task ready;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeper, EDO_US(20), 1);
    edo_executor_turn(&runtime.executor);
    spawn_fake(&runtime, &ready, "ready", 0);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_US(20));
    edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT);
    ck_assert_ptr_eq(edo_executor_next_task(&runtime.executor, NULL), &sleeper.task);
    ck_assert_ptr_eq(edo_executor_next_task(&runtime.executor, &sleeper.task), &ready.task);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* It was ready, too, for another reason. */
START_TEST(whom_the_reactor_wakes_comes_first_also_if_it_waits_for_its_turn)
{
    struct runtime runtime;
    struct loop sleeper;
    struct fake_task ready[2];
    struct edo_executor *executor = &runtime.executor;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeper, EDO_US(20), 1);
    edo_executor_turn(executor);
    spawn_fake(&runtime, &ready[0], "ready", 0);
    edo_wake(edo_task_waker(&sleeper.task));
    spawn_fake(&runtime, &ready[1], "ready", 0);
    ck_assert_ptr_eq(edo_executor_next_task(executor, &ready[0].task), &sleeper.task);
    edo_clock_advance(&executor->reactor.clock, EDO_US(20));
    edo_reactor_react(&executor->reactor, EDO_NO_WAIT);
    ck_assert_ptr_eq(edo_executor_next_task(executor, NULL), &sleeper.task);
    ck_assert_ptr_eq(edo_executor_next_task(executor, &sleeper.task), &ready[0].task);
    ck_assert_ptr_eq(edo_executor_next_task(executor, &ready[0].task), &ready[1].task);
    edo_wake(edo_task_waker(&sleeper.task)); /* else whoever is woken again keeps its place */
    edo_wake(edo_task_waker(&ready[0].task));
    ck_assert_ptr_eq(edo_executor_next_task(executor, NULL), &sleeper.task);
    ck_assert_ptr_eq(edo_executor_next_task(executor, &ready[0].task), &ready[1].task);
    ck_assert_int_eq(edo_executor_run(executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* A loop that is not edo's is about to wait for the end of a long sleep. */
static void prepare_to_wait(struct runtime *runtime, struct edo_task *sleeper,
                            struct edo_sleep *sleep)
{
    edo_sleep_init(sleep, EDO_S(60));
    edo_task_init(sleeper, "sleeper", &sleep->future);
    edo_executor_spawn(&runtime->executor, sleeper);
    edo_executor_turn_now(&runtime->executor);
    ck_assert_int_eq(edo_executor_prepare(&runtime->executor), 0);
    ck_assert(runtime->executor.reactor.is_asleep);
}

/* What is polled then is not recorded as a sleep. */
START_TEST(who_is_ready_ends_the_sleep_of_a_loop_that_is_not_edo_s)
{
    struct runtime runtime;
    struct fake_task task;
    struct edo_sleep sleep;
    struct edo_task sleeper;

    runtime_open(&runtime, WHEEL_REAL);
    spawn_fake(&runtime, &task, "task", 1);
    prepare_to_wait(&runtime, &sleeper, &sleep);
    edo_wake(edo_task_waker(&task.task));
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), 1);
    ck_assert(!runtime.executor.reactor.is_asleep);
    runtime_close(&runtime);
}
END_TEST

/* Nor is what that loop does, when no task is left to wait for. */
START_TEST(who_has_no_task_left_ends_the_sleep_of_a_loop_that_is_not_edo_s)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task sleeper;

    runtime_open(&runtime, WHEEL_REAL);
    prepare_to_wait(&runtime, &sleeper, &sleep);
    edo_task_cancel(&sleeper);
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), -EDEADLK);
    ck_assert(!runtime.executor.reactor.is_asleep);
    runtime_close(&runtime);
}
END_TEST

/* Though there is nothing any more that it could look for. */
START_TEST(a_turn_ends_the_sleep_of_a_loop_that_is_not_edo_s)
{
    struct runtime runtime;
    struct fake_task task;
    struct edo_sleep sleep;
    struct edo_task sleeper;

    runtime_open(&runtime, WHEEL_REAL);
    prepare_to_wait(&runtime, &sleeper, &sleep);
    edo_task_cancel(&sleeper);
    spawn_fake(&runtime, &task, "task", 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert(!runtime.executor.reactor.is_asleep);
    runtime_close(&runtime);
}
END_TEST

/* Somebody has turned the reactor by hand: whom that woke is ready. */
START_TEST(a_task_that_was_woken_between_two_runs_is_not_slept_over)
{
    struct runtime runtime;
    struct loop sleeper;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeper, EDO_US(20), 1);
    edo_executor_turn(&runtime.executor);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_US(20));
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT), 1);
    ck_assert_int_eq(edo_executor_prepare(&runtime.executor), 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(sleeper.count, 1);
    runtime_close(&runtime);
}
END_TEST

START_TEST(when_polls_are_slow_the_kernel_is_looked_at_more_often)
{
    struct runtime runtime;
    struct slow slow = {.polls = 0};
    struct loop sleeper;

    runtime_open(&runtime, FD_REAL);
    spawn_loop(&runtime, &sleeper, EDO_S(10), 1); /* or there is nothing to look at */
    edo_future_init(&slow.future, &slow_type);
    edo_task_init(&slow.task, "slow", &slow.future);
    wrap_begin_counting();
    edo_executor_block_on(&runtime.executor, &slow.task);
    wrap_end();
    ck_assert_uint_ge(wrap_count(CALL_EPOLL_WAIT), 7); /* 64 polls, after 8 each but the last */
    runtime_close(&runtime);
}
END_TEST

/* K9 */
START_TEST(one_sleep_is_one_epoll_wait)
{
    struct runtime runtime;
    struct loop sleeper;

    runtime_open(&runtime, FD_REAL);
    spawn_loop(&runtime, &sleeper, EDO_MS(2), 5);
    wrap_begin_counting();
    edo_executor_run(&runtime.executor);
    wrap_end();
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 5);
    runtime_close(&runtime);
}
END_TEST

START_TEST(two_executors_live_in_one_process)
{
    struct runtime one, two;
    struct loop a, b;

    runtime_open(&one, _i);
    runtime_open(&two, _i);
    spawn_loop(&one, &a, EDO_MS(1), 2);
    spawn_loop(&two, &b, EDO_MS(1), 1);
    ck_assert_int_eq(edo_executor_run(&two.executor), 0);
    ck_assert_int_eq(edo_executor_run(&one.executor), 0);
    runtime_close(&two);
    runtime_close(&one);
}
END_TEST

static void write_log(const struct loop *loops, size_t count, char *log)
{
    for (size_t i = 0; i < count; i++)
        sprintf(log + strlen(log), "%u ", loops[i].count);
}

/* Steps through eight loops of different periods, and writes down how far each is after each. */
static void log_run(int variant, char *log)
{
    enum { LOOPS = 8 };
    struct runtime runtime;
    struct loop loops[LOOPS];

    *log = '\0';
    runtime_open(&runtime, variant);
    for (unsigned i = 0; i < LOOPS; i++)
        spawn_loop(&runtime, &loops[i], EDO_MS(3 + i % 3), 2 + i);
    for (unsigned i = 0; i < LOOPS; i++) {
        edo_executor_block_on(&runtime.executor, &loops[i].task);
        write_log(loops, LOOPS, log);
    }
    runtime_close(&runtime);
}

START_TEST(on_the_virtual_clock_every_run_and_every_driver_is_the_same)
{
    char first[1024], again[1024], wheel[1024];

    log_run(FD_VIRTUAL, first);
    log_run(FD_VIRTUAL, again);
    log_run(WHEEL_VIRTUAL, wheel);
    ck_assert_str_eq(first, again);
    ck_assert_str_eq(first, wheel);
}
END_TEST

START_TEST(a_turn_waits_if_nobody_is_ready_and_then_polls_each_once)
{
    struct runtime runtime;
    struct loop loop;
    struct fake_task busy;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0); /* nothing to do */
    spawn_loop(&runtime, &loop, EDO_MS(5), 1);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert_uint_eq(runtime_now(&runtime), 0); /* polled, and not waited for */
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    ck_assert(!edo_task_is_live(&loop.task));
    spawn_fake(&runtime, &busy, "busy", 5);
    busy.fake.wakes_itself = true;
    edo_executor_turn(&runtime.executor);
    ck_assert_uint_eq(busy.fake.polls, 1);
    edo_executor_turn(&runtime.executor);
    ck_assert_uint_eq(busy.fake.polls, 2);
    runtime_close(&runtime);
}
END_TEST

/* The callback has no data, so the test keeps what it says here. */
static const char *slow_name;
static uint64_t slow_took_ns;

static void note_slow(const char *task, uint64_t took_ns)
{
    slow_name = task;
    slow_took_ns = took_ns;
}

static void take_time(struct call *call, struct edo_context *cx)
{
    const uint64_t *duration_ns = call->data;

    edo_clock_advance(&cx->reactor->clock, edo_clock_now(&cx->reactor->clock) + *duration_ns);
}

/* C7 */
START_TEST(a_poll_that_holds_the_loop_is_named)
{
    struct runtime runtime;
    struct call call;
    uint64_t duration_ns = EDO_MS(10);

    runtime_open(&runtime, _i);
    edo_executor_warn_slow(&runtime.executor, EDO_MS(10), note_slow);
    slow_name = NULL;
    run_call(&runtime, &call, take_time, &duration_ns);
    ck_assert_ptr_null(slow_name);
    duration_ns++;
    run_call(&runtime, &call, take_time, &duration_ns);
    ck_assert_str_eq(slow_name, "call");
    ck_assert_uint_eq(slow_took_ns, EDO_MS(10) + 1);
    runtime_close(&runtime);
}
END_TEST

static void stop_warning(struct call *call, struct edo_context *cx)
{
    (void)call;
    edo_executor_warn_slow(cx->executor, 0, NULL);
    edo_clock_advance(&cx->reactor->clock, edo_clock_now(&cx->reactor->clock) + EDO_S(1));
}

START_TEST(a_poll_may_turn_the_warning_off)
{
    struct runtime runtime;
    struct call call;

    runtime_open(&runtime, _i);
    edo_executor_warn_slow(&runtime.executor, EDO_MS(10), note_slow);
    slow_name = NULL;
    run_call(&runtime, &call, stop_warning, NULL);
    ck_assert_ptr_null(slow_name);
    runtime_close(&runtime);
}
END_TEST

/* --- Spawning, and what is refused ------------------------------------------------------------ */

static void spawn_data(struct call *call, struct edo_context *cx)
{
    struct fake_task *fake = call->data;

    call->results[0] = edo_executor_spawn(cx->executor, &fake->task);
    call->results[1] = edo_executor_spawn(cx->executor, &fake->task);
    call->results[2] = edo_executor_spawn(cx->executor, &call->task);
}

static void find_and_cancel(struct call *call, struct edo_context *cx)
{
    ck_assert_ptr_eq(find_task(cx->executor, "call"), &call->task);
    call->results[0] = (int)edo_task_cancel(find_task(cx->executor, call->data));
    ck_assert_ptr_null(find_task(cx->executor, call->data));
}

/* In whichever queue it is, and from inside a poll. */
START_TEST(a_task_is_found_by_its_name_and_can_be_cancelled)
{
    struct runtime runtime;
    struct fake_task fakes[2];
    struct call call;

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &fakes[0], "waiting", 5);
    edo_executor_turn(&runtime.executor);
    spawn_fake(&runtime, &fakes[1], "ready", 5);
    ck_assert_ptr_eq(find_task(&runtime.executor, "waiting"), &fakes[0].task);
    ck_assert_ptr_eq(find_task(&runtime.executor, "ready"), &fakes[1].task);
    ck_assert_ptr_null(find_task(&runtime.executor, "nobody"));
    run_call(&runtime, &call, find_and_cancel, "waiting");
    ck_assert_int_eq(call.results[0], EDO_READY);
    ck_assert_int_eq(fakes[0].fake.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* C5 */
START_TEST(a_task_spawned_from_inside_a_poll_runs_and_a_live_one_is_refused)
{
    struct runtime runtime;
    struct fake_task fake;
    struct call call;

    runtime_open(&runtime, _i);
    fake_init(&fake.fake, 0);
    edo_task_init(&fake.task, "child", &fake.fake.future);
    run_call(&runtime, &call, spawn_data, &fake);
    ck_assert_int_eq(call.results[0], 0);
    ck_assert_int_eq(call.results[1], -EBUSY);
    ck_assert_int_eq(call.results[2], -EBUSY); /* itself */
    edo_executor_run(&runtime.executor);
    ck_assert_uint_eq(fake.fake.polls, 1);
    runtime_close(&runtime);
}
END_TEST

/* C5 */
START_TEST(a_task_or_future_that_was_used_must_be_initialised_again)
{
    struct runtime runtime;
    struct fake_task fake;

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &fake, "task", 0);
    edo_executor_run(&runtime.executor);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &fake.task), -EINVAL);
    edo_task_init(&fake.task, "task", &fake.fake.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &fake.task), -EINVAL);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &fake.task), -EINVAL);
    spawn_fake(&runtime, &fake, "task", 0);
    edo_executor_run(&runtime.executor);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_task_of_another_executor_or_with_another_future_is_refused)
{
    struct runtime here, there;
    struct fake_task elsewhere, renewed;

    runtime_open(&here, _i);
    runtime_open(&there, _i);
    spawn_fake(&there, &elsewhere, "elsewhere", 1);
    ck_assert_int_eq(edo_executor_block_on(&here.executor, &elsewhere.task), -EINVAL);
    spawn_fake(&here, &renewed, "renewed", 0);
    edo_executor_run(&here.executor);
    fake_init(&renewed.fake, 0); /* but not its task */
    ck_assert_int_eq(edo_executor_block_on(&here.executor, &renewed.task), -EINVAL);
    runtime_close(&there);
    runtime_close(&here);
}
END_TEST

static void reenter(struct call *call, struct edo_context *cx)
{
    call->results[0] = edo_executor_run(cx->executor);
    call->results[1] = edo_executor_block_on(cx->executor, &call->task);
    call->results[2] = edo_executor_close(cx->executor);
    call->results[3] = edo_executor_prepare(cx->executor);
    call->results[4] = edo_executor_turn(cx->executor);
    call->results[5] = edo_executor_turn_now(cx->executor);
    call->results[6] = edo_executor_block_on(cx->executor, call->data);
}

/* C2, C3 */
START_TEST(running_and_closing_from_inside_a_poll_are_refused)
{
    struct runtime runtime;
    struct call call;
    struct fake_task new;

    runtime_open(&runtime, _i);
    fake_init(&new.fake, 0);
    edo_task_init(&new.task, "new", &new.fake.future);
    run_call(&runtime, &call, reenter, &new.task);
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(call.results[i], -EBUSY);
    ck_assert_int_eq(new.task.state, EDO_TASK_NEW);
    runtime_close(&runtime);
}
END_TEST

static void cancel_and_reuse(struct call *call, struct edo_context *cx)
{
    struct fake_task *victims = call->data;

    call->results[0] = (int)edo_task_cancel(&victims[0].task);
    call->results[1] = (int)edo_task_cancel(&victims[1].task);
    /* Its memory is ours again, at once. */
    fake_init(&victims[1].fake, 0);
    edo_task_init(&victims[1].task, "reborn", &victims[1].fake.future);
    call->results[2] = edo_executor_spawn(cx->executor, &victims[1].task);
}

/* C1: one victim waits, the other stands in the very queue that this turn is working off. */
START_TEST(a_poll_may_cancel_other_tasks_and_use_their_memory_again)
{
    struct runtime runtime;
    struct fake_task victims[2];
    struct call call;

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &victims[0], "waiting", 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EDEADLK);
    call = (struct call){.function = cancel_and_reuse, .data = victims};
    edo_future_init(&call.future, &call_type);
    edo_task_init(&call.task, "call", &call.future);
    edo_executor_spawn(&runtime.executor, &call.task);
    spawn_fake(&runtime, &victims[1], "ready", 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(call.results[2], 0);
    ck_assert_uint_eq(victims[0].fake.cancels, 1);
    ck_assert_uint_eq(victims[1].fake.polls, 1);
    ck_assert_int_eq(victims[1].fake.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

static void cancel_the_last(struct call *call, struct edo_context *cx)
{
    struct fake_task *victims = call->data;

    (void)cx;
    for (int i = 1; i >= 0; i--)
        call->results[i] = (int)edo_task_cancel(&victims[i].task);
}

/* C1: the victims are all that was left of the turn, which is over then. */
START_TEST(a_poll_may_cancel_the_last_of_its_turn)
{
    struct runtime runtime;
    struct fake_task victims[2];
    struct call call = {.function = cancel_the_last, .data = victims};

    runtime_open(&runtime, _i);
    edo_future_init(&call.future, &call_type);
    edo_task_init(&call.task, "call", &call.future);
    edo_executor_spawn(&runtime.executor, &call.task);
    spawn_fake(&runtime, &victims[0], "last but one", 1);
    spawn_fake(&runtime, &victims[1], "last", 1);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    ck_assert_int_eq(call.results[0], EDO_READY);
    ck_assert_uint_eq(victims[0].fake.polls + victims[1].fake.polls, 0);
    runtime_close(&runtime);
}
END_TEST

/* --- Deadlocks -------------------------------------------------------------------------------- */

/* C6 */
START_TEST(tasks_that_nobody_can_wake_are_reported_with_names_not_waited_for)
{
    struct runtime runtime;
    struct fake_task lost;
    struct loop ended;
    char report[512] = "";
    FILE *file = fmemopen(report, sizeof report, "w");

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &lost, "lost", 1);
    spawn_loop(&runtime, &ended, EDO_MS(1), 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EDEADLK);
    ck_assert(edo_task_is_live(&lost.task));
    edo_executor_dump(&runtime.executor, file);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(report, "lost"));
    ck_assert_ptr_nonnull(strstr(report, "waiting"));
    ck_assert_ptr_nonnull(strstr(report, "fake FAKE_AWAITS_TEST"));
    ck_assert_ptr_null(strstr(report, "loop"));

    edo_wake(lost.fake.waker); /* it can still be helped */
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* What the dump says. */
static void dump_into(char *report, size_t size, const struct edo_executor *executor)
{
    FILE *file = fmemopen(report, size, "w");

    edo_executor_dump(executor, file);
    fclose(file);
}

START_TEST(a_dump_follows_the_awaits_down_to_the_last)
{
    struct runtime runtime;
    struct loop loop;
    struct fake_task now;
    char report[512] = "";

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &loop, EDO_S(60), 1);
    spawn_fake(&runtime, &now, "now", 0);
    edo_executor_block_on(&runtime.executor, &now.task);
    spawn_fake(&runtime, &now, "next", 0);
    dump_into(report, sizeof report, &runtime.executor);
    ck_assert_ptr_nonnull(strstr(report, "next             ready    fake EDO_START\n"));
    ck_assert_ptr_nonnull(
        strstr(report, "loop             waiting  loop AWAITS > sleep SLEEP_ARMED\n"));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_dump_names_a_child_that_was_cancelled_behind_its_parent_s_back)
{
    struct runtime runtime;
    struct loop loop;
    char report[512] = "";

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &loop, EDO_S(60), 1);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    edo_future_cancel(&loop.sleep.future);
    dump_into(report, sizeof report, &runtime.executor);
    ck_assert_str_eq(report, "  loop             waiting  loop AWAITS > sleep EDO_CANCELLED\n");
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_dump_names_an_fd_that_was_closed_while_it_was_watched)
{
    struct runtime runtime;
    struct edo_source source;
    char report[512] = "", expected[64];
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&source);
    edo_reactor_watch(&runtime.executor.reactor, &source, ends[0], EPOLLIN, (struct edo_waker){0});
    close(ends[0]);
    edo_source_disarm(&source);
    dump_into(report, sizeof report, &runtime.executor);
    sprintf(expected, "  closed while watched: fd %d, id %u\n", ends[0], source.id);
    ck_assert_str_eq(report, expected);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

static void dump_here(struct call *call, struct edo_context *cx)
{
    edo_wake(edo_task_waker(&call->task)); /* even then it is listed once */
    edo_executor_dump(cx->executor, call->data);
}

START_TEST(a_dump_from_inside_a_poll_lists_every_live_task_once)
{
    struct runtime runtime;
    struct fake_task waiting, ready;
    struct call call;
    char report[512] = "";
    FILE *file = fmemopen(report, sizeof report, "w");

    runtime_open(&runtime, _i);
    spawn_fake(&runtime, &waiting, "one", 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EDEADLK);
    call = (struct call){.function = dump_here, .data = file};
    edo_future_init(&call.future, &call_type);
    edo_task_init(&call.task, "two", &call.future);
    edo_executor_spawn(&runtime.executor, &call.task);
    spawn_fake(&runtime, &ready, "three", 0);
    edo_executor_block_on(&runtime.executor, &call.task);
    fclose(file);
    ck_assert_str_eq(report, "  two              polled   call EDO_START\n"
                             "  three            ready    fake EDO_START\n"
                             "  one              waiting  fake FAKE_AWAITS_TEST\n");
    runtime_close(&runtime);
}
END_TEST

/* Two tasks that join each other can be reported, and cancelled. */
START_TEST(a_circle_of_joins_is_a_deadlock_that_can_be_dumped_and_closed)
{
    struct runtime runtime;
    struct edo_join_tasks joins[2];
    struct edo_task tasks[2];
    char report[4096] = "";
    FILE *file = fmemopen(report, sizeof report, "w");
    unsigned awaits = 0;

    runtime_open(&runtime, _i);
    for (int i = 0; i < 2; i++) {
        edo_join_tasks_init(&joins[i], &tasks[1 - i], 1);
        edo_task_init(&tasks[i], i ? "b" : "a", &joins[i].future);
    }
    edo_executor_spawn(&runtime.executor, &tasks[0]);
    edo_executor_spawn(&runtime.executor, &tasks[1]);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EDEADLK);
    edo_executor_dump(&runtime.executor, file);
    fclose(file);
    ck_assert_ptr_nonnull(strstr(report, "..."));
    for (const char *at = report; (at = strchr(at, '>')) != NULL; at++)
        awaits++;
    ck_assert_uint_eq(awaits, 32); /* 16 for each */
    runtime_close(&runtime);
    ck_assert_int_eq(joins[0].future.state, EDO_CANCELLED);
    ck_assert_int_eq(joins[1].future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(an_error_of_epoll_wait_is_returned_and_the_tasks_stay)
{
    struct runtime runtime;
    struct loop loop;

    runtime_open(&runtime, FD_REAL);
    spawn_loop(&runtime, &loop, EDO_MS(1), 1);
    wrap_begin(CALL_EPOLL_WAIT, 1, 1, EBADF);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EBADF);
    wrap_end();
    ck_assert(edo_task_is_live(&loop.task));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* --- Closing ---------------------------------------------------------------------------------- */

/* E8 */
START_TEST(closing_cancels_live_tasks_and_leaves_no_fd)
{
    struct runtime runtime;
    struct fake_task ready, done;
    struct loop sleeping;

    runtime_open(&runtime, _i);
    spawn_loop(&runtime, &sleeping, EDO_S(60), 1);
    spawn_fake(&runtime, &done, "done", 0);
    edo_executor_block_on(&runtime.executor, &done.task);
    spawn_fake(&runtime, &ready, "ready", 1);
    runtime_close(&runtime);
    ck_assert_int_eq(edo_future_outcome(&sleeping.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(sleeping.sleep.future.state, EDO_CANCELLED);
    ck_assert_int_eq(edo_future_outcome(&ready.fake.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(done.fake.future.state, EDO_DONE);
}
END_TEST

/* A future whose cancel tries to close the executor that cancels it. */
struct closing {
    struct edo_future future;
    struct edo_task task;
    struct edo_executor *executor;
    int answer;
};

static enum edo_poll closing_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_container_of(self, struct closing, future)->executor = cx->executor;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll closing_cancel(struct edo_future *self)
{
    struct closing *closing = edo_container_of(self, struct closing, future);

    closing->answer = edo_executor_close(closing->executor);
    return EDO_READY;
}

START_TEST(closing_twice_does_nothing_and_closing_from_a_cancel_is_refused)
{
    static const struct edo_future_type closing_type = {
        .name = "closing", .poll = closing_poll, .cancel = closing_cancel};
    struct runtime runtime;
    struct closing closing = {.answer = 0};
    int fds[2];

    runtime_open(&runtime, _i);
    edo_future_init(&closing.future, &closing_type);
    edo_task_init(&closing.task, "closing", &closing.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &closing.task), -EDEADLK);
    runtime_close(&runtime);
    ck_assert_int_eq(closing.answer, -EBUSY);
    for (int i = 0; i < 2; i++)
        fds[i] = dup(STDIN_FILENO); /* they get the numbers of the epoll fd and the driver's */
    ck_assert_int_eq(edo_executor_close(&runtime.executor), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(close(fds[i]), 0);
}
END_TEST

static void must_not_warn(const char *task, uint64_t took_ns)
{
    ck_abort_msg("%s took %llu ns", task, (unsigned long long)took_ns);
}

/* As it is when the same struct is opened again. */
START_TEST(an_executor_that_was_opened_knows_nothing_of_what_its_struct_held)
{
    struct runtime runtime;
    struct fake_task fake;

    runtime_open(&runtime, _i);
    ck_assert_uint_eq(runtime.executor.polls, 0);
    spawn_fake(&runtime, &fake, "before", 0);
    edo_executor_warn_slow(&runtime.executor, 0, must_not_warn);
    edo_task_cancel(&fake.task);
    runtime_close(&runtime);
    ck_assert_int_eq(edo_executor_open(&runtime.executor, NULL), 0);
    spawn_fake(&runtime, &fake, "after", 1);
    fake.fake.wakes_itself = true;
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(runtime.executor.polls, 2);
    ck_assert_uint_eq(fake.task.id, 1);
    ck_assert_ptr_eq(runtime.executor.layout, edo_layout);
    runtime_close(&runtime);
}
END_TEST

/* async fn { cancel(myself); shield(sleep(10 ms)).await } */
struct suicidal {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleep;
    struct edo_shield shield;
};

static enum edo_poll suicidal_poll(struct edo_future *self, struct edo_context *cx)
{
    struct suicidal *suicidal = edo_container_of(self, struct suicidal, future);

    if (self->state == EDO_START) {
        edo_sleep_init(&suicidal->sleep, EDO_MS(10));
        edo_shield_init(&suicidal->shield, &suicidal->sleep.future);
        edo_future_goto(self, EDO_FIRST_AWAIT);
        ck_assert_int_eq(edo_task_cancel(&suicidal->task), EDO_PENDING);
    }
    return edo_future_await(self, &suicidal->shield.future, cx);
}

static enum edo_poll suicidal_cancel(struct edo_future *self)
{
    return edo_future_cancel(&edo_container_of(self, struct suicidal, future)->shield.future);
}

static enum edo_poll suicidal_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return edo_future_await(self, &edo_container_of(self, struct suicidal, future)->shield.future,
                            cx);
}

/* Polled: to begin; to look for what it was not woken for; when the shield gives way. */
START_TEST(a_task_that_cancels_itself_is_cancelled_once_and_not_polled_for_nothing)
{
    static const struct edo_future_type type = {.name = "suicidal",
                                                .poll = suicidal_poll,
                                                .cancel = suicidal_cancel,
                                                .poll_cancelled = suicidal_poll_cancelled};
    struct runtime runtime;
    struct suicidal suicidal;

    runtime_open(&runtime, _i);
    edo_future_init(&suicidal.future, &type);
    edo_task_init(&suicidal.task, "suicidal", &suicidal.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &suicidal.task), 0);
    ck_assert_int_eq(edo_future_outcome(&suicidal.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    ck_assert_uint_eq(runtime.executor.polls, 3);
    runtime_close(&runtime);
}
END_TEST

/* What it was opened on, and what its struct held before, is of no matter. */
START_TEST(an_executor_that_could_not_be_opened_takes_nobody_and_can_be_closed)
{
    struct edo_executor executor;
    struct fake fake;
    struct edo_task task;

    memset(&executor, 1, sizeof executor);
    fake_init(&fake, 0);
    edo_task_init(&task, "task", &fake.future);
    wrap_begin(CALL_EPOLL_CREATE, 1, 1, EMFILE);
    ck_assert_int_eq(edo_executor_open(&executor, NULL), -EMFILE);
    wrap_end();
    ck_assert_int_eq(edo_executor_spawn(&executor, &task), -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_run(&executor), 0);
    ck_assert_int_eq(edo_executor_prepare(&executor), -EDEADLK);
    ck_assert_ptr_null(edo_executor_next_task(&executor, NULL));
    ck_assert_int_eq(edo_executor_close(&executor), 0);
}
END_TEST

/* async fn stopper() { stop(); yield_now().await } */
static enum edo_poll stopper_poll(struct edo_future *self, struct edo_context *cx)
{
    if (self->state != EDO_START)
        return edo_future_done(self, NULL);
    edo_executor_stop(cx->executor);
    edo_wake(cx->waker);
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

START_TEST(a_loop_that_is_stopped_ends_with_its_turn_and_goes_on_later)
{
    static const struct edo_future_type type = {.name = "stopper", .poll = stopper_poll};
    struct runtime runtime;
    struct edo_future stopper;
    struct fake other;
    struct edo_task tasks[2];

    runtime_open(&runtime, _i);
    edo_executor_stop(&runtime.executor); /* nothing runs: it does nothing */
    edo_future_init(&stopper, &type);
    fake_init(&other, 1);
    other.wakes_itself = true;
    edo_task_init(&tasks[0], "stopper", &stopper);
    edo_task_init(&tasks[1], "other", &other.future);
    edo_executor_spawn(&runtime.executor, &tasks[0]);
    edo_executor_spawn(&runtime.executor, &tasks[1]);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EINTR);
    ck_assert_uint_eq(other.polls, 1); /* the turn is finished */
    ck_assert(edo_task_is_live(&tasks[0]) && edo_task_is_live(&tasks[1]));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert(!edo_task_is_live(&tasks[0]) && !edo_task_is_live(&tasks[1]));
    runtime_close(&runtime);
}
END_TEST

Suite *executor_suite(void)
{
    Suite *suite = suite_create("executor");
    TCase *turns = tcase_create("turns");
    TCase *spawn = tcase_create("spawn");
    TCase *deadlock = tcase_create("deadlock");

    tcase_add_loop_test(turns, block_on_runs_a_future_to_its_end, 0, VARIANTS);
    tcase_add_loop_test(turns, run_runs_until_no_task_is_left, 0, VARIANTS);
    tcase_add_loop_test(turns, tasks_that_are_not_waited_for_stay_and_go_on_later, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(turns, a_task_woken_meanwhile_waits_for_the_next_turn, 0, VARIANTS);
    tcase_add_test(turns, a_loop_of_empty_sleeps_starves_nobody_and_can_be_cancelled);
    tcase_add_loop_test(turns, a_task_that_is_always_ready_does_not_starve_timers, FD_REAL,
                        VARIANTS);
    tcase_add_loop_test(turns, a_busy_executor_looks_at_the_kernel_only_now_and_then, FD_REAL,
                        VARIANTS);
    tcase_add_loop_test(turns, a_turn_of_short_polls_makes_no_look_due, FD_REAL, VARIANTS);
    tcase_add_loop_test(turns, a_busy_executor_looks_once_in_ten_microseconds, FD_REAL, VARIANTS);
    tcase_add_test(turns, with_nothing_armed_a_busy_executor_makes_no_system_call);
    tcase_add_test(turns, in_a_long_turn_a_timer_waits_for_one_poll_and_not_for_the_turn);
    tcase_add_test(turns, timers_in_the_middle_of_turns_do_not_keep_fds_waiting);
    tcase_add_test(turns, from_a_look_in_the_middle_of_a_turn_on_it_is_as_long_to_the_next);
    tcase_add_test(turns, the_look_that_a_long_turn_made_due_is_made_once);
    tcase_add_loop_test(turns, whom_the_reactor_wakes_is_polled_before_those_that_are_ready, 0, 2);
    tcase_add_loop_test(turns, whom_the_reactor_wakes_comes_first_also_if_it_waits_for_its_turn, 0,
                        2);
    tcase_add_test(turns, who_is_ready_ends_the_sleep_of_a_loop_that_is_not_edo_s);
    tcase_add_test(turns, who_has_no_task_left_ends_the_sleep_of_a_loop_that_is_not_edo_s);
    tcase_add_test(turns, a_turn_ends_the_sleep_of_a_loop_that_is_not_edo_s);
    tcase_add_test(turns, the_time_to_the_next_look_begins_behind_the_wakers);
    tcase_add_loop_test(turns, a_task_that_was_woken_between_two_runs_is_not_slept_over, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(turns, when_polls_are_slow_the_kernel_is_looked_at_more_often);
    tcase_add_loop_test(turns, beside_slow_polls_a_timer_waits_for_no_more_than_one, FD_REAL,
                        VARIANTS);
    tcase_add_test(turns, one_sleep_is_one_epoll_wait);
    tcase_add_loop_test(turns, two_executors_live_in_one_process, 0, VARIANTS);
    tcase_add_loop_test(turns, a_turn_waits_if_nobody_is_ready_and_then_polls_each_once, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(turns, a_poll_that_holds_the_loop_is_named, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(turns, a_poll_may_turn_the_warning_off, 0, VIRTUAL_VARIANTS);
    tcase_add_test(turns, on_the_virtual_clock_every_run_and_every_driver_is_the_same);
    tcase_add_loop_test(turns, a_loop_that_is_stopped_ends_with_its_turn_and_goes_on_later, 0,
                        VARIANTS);
    suite_add_tcase(suite, turns);

    tcase_add_loop_test(spawn, a_task_is_found_by_its_name_and_can_be_cancelled, 0, VARIANTS);
    tcase_add_loop_test(spawn, a_task_spawned_from_inside_a_poll_runs_and_a_live_one_is_refused, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn, a_task_or_future_that_was_used_must_be_initialised_again, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn, a_task_of_another_executor_or_with_another_future_is_refused, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn, running_and_closing_from_inside_a_poll_are_refused, 0, VARIANTS);
    tcase_add_loop_test(spawn, a_poll_may_cancel_the_last_of_its_turn, 0, VARIANTS);
    tcase_add_loop_test(spawn, a_poll_may_cancel_other_tasks_and_use_their_memory_again, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn, an_executor_that_was_opened_knows_nothing_of_what_its_struct_held, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn,
                        a_task_that_cancels_itself_is_cancelled_once_and_not_polled_for_nothing, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(spawn, an_executor_that_could_not_be_opened_takes_nobody_and_can_be_closed);
    tcase_add_loop_test(spawn, closing_twice_does_nothing_and_closing_from_a_cancel_is_refused, 0,
                        VARIANTS);
    tcase_add_loop_test(spawn, closing_cancels_live_tasks_and_leaves_no_fd, 0, VARIANTS);
    suite_add_tcase(suite, spawn);

    tcase_add_loop_test(deadlock, tasks_that_nobody_can_wake_are_reported_with_names_not_waited_for,
                        0, VARIANTS);
    tcase_add_loop_test(deadlock, a_dump_follows_the_awaits_down_to_the_last, 0, VARIANTS);
    tcase_add_loop_test(deadlock, a_dump_names_a_child_that_was_cancelled_behind_its_parent_s_back,
                        0, VARIANTS);
    tcase_add_loop_test(deadlock, a_dump_names_an_fd_that_was_closed_while_it_was_watched, 0,
                        VARIANTS);
    tcase_add_loop_test(deadlock, a_dump_from_inside_a_poll_lists_every_live_task_once, 0,
                        VARIANTS);
    tcase_add_loop_test(deadlock, a_circle_of_joins_is_a_deadlock_that_can_be_dumped_and_closed, 0,
                        VARIANTS);
    tcase_add_test(deadlock, an_error_of_epoll_wait_is_returned_and_the_tasks_stay);
    suite_add_tcase(suite, deadlock);
    return suite;
}
