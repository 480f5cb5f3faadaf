/* SPDX-License-Identifier: MIT */
/* Timers on the bare reactor, with each driver and each clock. */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../reactor/kernel/timer_driver.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* A timer that writes itself into a log when it is woken. */
struct log {
    struct logged *entries[64];
    unsigned count;
};

struct logged {
    struct edo_source timer;
    struct log *log;
    struct edo_reactor *reactor;
    uint64_t woken_ns;
};

static void write_down(void *data, struct edo_cause cause)
{
    struct logged *logged = data;

    (void)cause;
    logged->woken_ns = edo_clock_now(&logged->reactor->clock);
    logged->log->entries[logged->log->count++] = logged;
}

static struct edo_waker logging(struct logged *logged, struct log *log, struct runtime *runtime)
{
    logged->log = log;
    logged->reactor = &runtime->executor.reactor;
    return (struct edo_waker){write_down, logged};
}

static void arm_until(struct runtime *runtime, struct logged *logged, struct log *log,
                      uint64_t deadline_ns)
{
    edo_source_init(&logged->timer);
    ck_assert_int_eq(edo_reactor_arm_until(&runtime->executor.reactor, &logged->timer, deadline_ns,
                                           logging(logged, log, runtime)),
                     0);
}

static void arm_for(struct runtime *runtime, struct logged *logged, struct log *log,
                    uint64_t duration_ns)
{
    edo_source_init(&logged->timer);
    ck_assert_int_eq(edo_reactor_arm_for(&runtime->executor.reactor, &logged->timer, duration_ns,
                                         logging(logged, log, runtime)),
                     0);
}

/* Arms five timers in a muddled order for `step_ns` after each other. On a slow machine a deadline
 * may have passed before it is armed; then all get more time. Returns the first deadline. */
static uint64_t arm_five(struct runtime *runtime, struct logged timers[5], struct log *log,
                         uint64_t step_ns)
{
    static const unsigned order[] = {3, 1, 4, 0, 2};

    for (uint64_t lead_ns = EDO_MS(5);; lead_ns *= 2) {
        uint64_t first_ns = runtime_now(runtime) + lead_ns;
        bool is_late = false;

        for (unsigned i = 0; i < 5; i++) {
            arm_until(runtime, &timers[order[i]], log, first_ns + step_ns * order[i]);
            is_late |= timers[order[i]].timer.state == EDO_SOURCE_DUE;
        }
        if (!is_late)
            return first_ns;
        for (unsigned i = 0; i < 5; i++)
            edo_source_disarm(&timers[i].timer);
    }
}

static int turn(struct runtime *runtime)
{
    return edo_reactor_react(&runtime->executor.reactor, EDO_WAIT);
}

static void turn_until_empty(struct runtime *runtime)
{
    int woken;

    do
        woken = turn(runtime);
    while (woken >= 0);
    ck_assert_int_eq(woken, -EDEADLK);
}

/* K1: to timerfd_settime a zero means "disarm". */
START_TEST(zero_and_past_deadlines_come_due_in_the_next_turn)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged zero, past, none;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &zero, &log, 0);
    arm_until(&runtime, &past, &log, runtime_now(&runtime) / 2);
    arm_for(&runtime, &none, &log, 0);
    ck_assert_uint_eq(log.count, 0);
    ck_assert_int_eq(turn(&runtime), 3);
    ck_assert_uint_eq(log.count, 3);
    runtime_close(&runtime);
}
END_TEST

/* T3 */
START_TEST(a_deadline_equal_to_now_is_due)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged now;

    runtime_open(&runtime, FD_VIRTUAL); /* only there does now hold still */
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(7));
    arm_until(&runtime, &now, &log, EDO_MS(7));
    ck_assert_int_eq(now.timer.state, EDO_SOURCE_DUE);
    ck_assert_int_eq(turn(&runtime), 1);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(7));
    runtime_close(&runtime);
}
END_TEST

/* K3 */
START_TEST(a_deadline_of_never_is_accepted_and_can_be_cancelled)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged never, huge, soon;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &never, &log, EDO_NEVER);
    arm_for(&runtime, &huge, &log, UINT64_MAX - 1);
    arm_until(&runtime, &soon, &log, runtime_now(&runtime) + EDO_MS(2));
    ck_assert_int_eq(turn(&runtime), 1);
    ck_assert_ptr_eq(log.entries[0], &soon);
    edo_source_disarm(&never.timer);
    edo_source_disarm(&huge.timer);
    ck_assert_uint_eq(log.count, 1);
    ck_assert_int_eq(turn(&runtime), -EDEADLK);
    runtime_close(&runtime);
}
END_TEST

/* T1 */
START_TEST(equal_deadlines_come_due_in_the_order_of_arming)
{
    enum { MANY = 50 };
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[MANY];
    uint64_t deadline_ns;

    runtime_open(&runtime, _i);
    deadline_ns = runtime_now(&runtime) + EDO_MS(10);
    for (int i = 0; i < MANY; i++)
        arm_until(&runtime, &timers[i], &log, deadline_ns);
    turn_until_empty(&runtime);
    ck_assert_uint_eq(log.count, MANY);
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(log.entries[i], &timers[i]);
    runtime_close(&runtime);
}
END_TEST

/* T1, across re-arming: whoever is armed again goes to the end. */
START_TEST(a_timer_armed_again_comes_after_its_equals)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a, b, c;
    uint64_t deadline_ns;

    runtime_open(&runtime, _i);
    deadline_ns = runtime_now(&runtime) + EDO_MS(5);
    arm_until(&runtime, &a, &log, deadline_ns);
    arm_until(&runtime, &b, &log, deadline_ns);
    arm_until(&runtime, &c, &log, deadline_ns);
    edo_source_disarm(&a.timer);
    arm_until(&runtime, &a, &log, deadline_ns);
    turn_until_empty(&runtime);
    ck_assert_ptr_eq(log.entries[0], &b);
    ck_assert_ptr_eq(log.entries[1], &c);
    ck_assert_ptr_eq(log.entries[2], &a);
    runtime_close(&runtime);
}
END_TEST

START_TEST(deadlines_come_due_in_their_order_however_they_were_armed)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[5];

    runtime_open(&runtime, _i);
    arm_five(&runtime, timers, &log, EDO_US(300));
    turn_until_empty(&runtime);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_ptr_eq(log.entries[i], &timers[i]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(in_a_trace_timers_fire_in_the_order_of_their_deadlines)
{
    struct edo_trace_event events[16];
    struct edo_trace trace;
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[5];

    edo_trace_init(&trace, events, 16);
    runtime_open_traced(&runtime, _i, &trace);
    arm_five(&runtime, timers, &log, EDO_US(300));
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_S(1));
    ck_assert_int_eq(turn(&runtime), 5);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(events[5 + i].kind, EDO_TRACE_FIRE);
        ck_assert_uint_eq(events[5 + i].other, timers[i].timer.id);
    }
    runtime_close(&runtime);
}
END_TEST

/* The loop is busy through all of these, so that they are collected in one batch. */
START_TEST(what_came_due_during_a_long_poll_is_woken_in_order)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[5];
    uint64_t first_ns;

    runtime_open(&runtime, _i);
    first_ns = arm_five(&runtime, timers, &log, EDO_US(10));
    while (_i >= VIRTUAL_VARIANTS && runtime_now(&runtime) < first_ns + EDO_MS(1))
        ;
    turn_until_empty(&runtime);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_ptr_eq(log.entries[i], &timers[i]);
    runtime_close(&runtime);
}
END_TEST

/* T1, T10: earlier, later, into the past, and after its equals. */
START_TEST(a_timer_s_deadline_can_be_moved)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a, b, c;
    uint64_t now_ns;

    runtime_open(&runtime, _i);
    now_ns = runtime_now(&runtime);
    arm_until(&runtime, &a, &log, now_ns + EDO_MS(80));
    arm_until(&runtime, &b, &log, now_ns + EDO_S(60));
    arm_until(&runtime, &c, &log, now_ns + EDO_MS(100));
    edo_source_rearm_until(&b.timer, now_ns + EDO_MS(120));
    edo_source_rearm_until(&a.timer, now_ns + EDO_MS(120));
    turn_until_empty(&runtime);
    ck_assert_ptr_eq(log.entries[0], &c);
    ck_assert_ptr_eq(log.entries[1], &b);
    ck_assert_ptr_eq(log.entries[2], &a);
    ck_assert_uint_ge(runtime_now(&runtime), now_ns + EDO_MS(120));

    arm_until(&runtime, &a, &log, runtime_now(&runtime) + EDO_S(60));
    edo_source_rearm_until(&a.timer, 0);
    turn_until_empty(&runtime);
    ck_assert_ptr_eq(log.entries[3], &a);

    arm_until(&runtime, &a, &log, runtime_now(&runtime) + EDO_S(60));
    now_ns = runtime_now(&runtime);
    edo_source_rearm_until(&a.timer, runtime.executor.reactor.now_ns); /* that of the last look */
    ck_assert_uint_ge(a.timer.due_ns, now_ns); /* it comes due now, and not then */
    runtime_close(&runtime);
}
END_TEST

/* T10: what is due already, what is never due, what has fired, what is idle. */
START_TEST(whatever_state_it_is_in_moving_it_is_defined)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &a, &log, 0); /* due */
    edo_source_rearm_until(&a.timer, EDO_NEVER);
    ck_assert_int_eq(turn(&runtime), -EDEADLK);
    edo_source_rearm_until(&a.timer, runtime_now(&runtime) + EDO_MS(1));
    turn_until_empty(&runtime);
    ck_assert_uint_eq(log.count, 1);
    edo_source_rearm_until(&a.timer, 0); /* has fired */
    turn_until_empty(&runtime);
    ck_assert_uint_eq(log.count, 2);
    edo_source_rearm_until(&a.timer, EDO_NEVER);
    edo_source_disarm(&a.timer);
    edo_source_rearm_until(&a.timer, 0); /* idle */
    turn_until_empty(&runtime);
    ck_assert_uint_eq(log.count, 3);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_timer_that_is_moved_to_never_can_only_be_cancelled)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &a, &log, runtime_now(&runtime) + EDO_MS(1));
    edo_source_rearm_until(&a.timer, EDO_NEVER);
    ck_assert_int_eq(turn(&runtime), -EDEADLK);
    edo_source_disarm(&a.timer);
    ck_assert_uint_eq(log.count, 0);
    runtime_close(&runtime);
}
END_TEST

/* K7: where the driver has to begin anew. It is due now, and has no timerfd. */
START_TEST(a_timer_that_can_not_be_moved_ends_with_the_error)
{
    static const enum wrapped calls[] = {CALL_TIMERFD_CREATE, CALL_TIMERFD_SETTIME, CALL_EPOLL_ADD};
    struct edo_trace_event events[8];
    struct edo_trace trace;
    struct runtime runtime;
    struct log log = {0};
    struct logged a;

    edo_trace_init(&trace, events, 8);
    runtime_open_traced(&runtime, FD_REAL, &trace);
    arm_until(&runtime, &a, &log, runtime_now(&runtime) + EDO_S(60));
    wrap_begin(calls[_i], 1, 1, ENOMEM);
    edo_source_rearm_until(&a.timer, runtime_now(&runtime) + EDO_S(30));
    wrap_end();
    ck_assert_uint_eq(edo_trace_count(&trace), 4);
    ck_assert_int_eq(events[2].kind, EDO_TRACE_ARM);
    ck_assert_int_eq(events[2].fd, -1);
    ck_assert_int_eq(events[3].kind, EDO_TRACE_FIRE);
    ck_assert_int_eq(turn(&runtime), 1);
    ck_assert_uint_eq(log.count, 1);
    ck_assert_int_eq(a.timer.result, -ENOMEM);
    ck_assert_uint_le(a.timer.due_ns, runtime_now(&runtime));
    runtime_close(&runtime);
}
END_TEST

/* T5 */
START_TEST(the_middle_the_head_and_the_only_timer_can_be_disarmed)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a, b, c;
    uint64_t now_ns;

    runtime_open(&runtime, _i);
    now_ns = runtime_now(&runtime);
    arm_until(&runtime, &a, &log, now_ns + EDO_MS(1));
    arm_until(&runtime, &b, &log, now_ns + EDO_MS(2));
    arm_until(&runtime, &c, &log, now_ns + EDO_MS(3));
    edo_source_disarm(&b.timer);
    edo_source_disarm(&a.timer);
    while (log.count == 0) /* the wheel may wake up early, once */
        ck_assert_int_ge(turn(&runtime), 0);
    ck_assert_ptr_eq(log.entries[0], &c);

    arm_until(&runtime, &a, &log, runtime_now(&runtime) + EDO_S(60));
    edo_source_disarm(&a.timer);
    edo_source_disarm(&a.timer); /* again: nothing happens */
    ck_assert_int_eq(turn(&runtime), -EDEADLK);
    ck_assert_uint_eq(log.count, 1);
    runtime_close(&runtime);
}
END_TEST

/* T11 */
START_TEST(disarmed_timers_hold_nothing_until_their_old_deadline)
{
    enum { MANY = 100 };
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[MANY];
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    for (int i = 0; i < MANY; i++)
        arm_until(&runtime, &timers[i], &log, runtime_now(&runtime) + EDO_S(3600));
    for (int i = 0; i < MANY; i++)
        edo_source_disarm(&timers[i].timer);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime);
}
END_TEST

/* A timer that only notes when it was woken. */
struct punctual {
    struct edo_source timer;
    const struct edo_clock *clock;
    uint64_t deadline_ns;
    uint64_t woken_ns;
};

static void note_time(void *data, struct edo_cause cause)
{
    struct punctual *punctual = data;

    (void)cause;
    punctual->woken_ns = edo_clock_now(punctual->clock);
}

/* T4, K10: rounds of timers of up to 1.5 ms. Each round is armed after the loop was busy for a
 * while, so that a clock which was read before that would make them early. */
static void check_never_early(int variant, unsigned rounds, uint64_t busy_ns)
{
    enum { MANY = 100 };
    struct punctual timers[MANY];
    struct runtime runtime;

    runtime_open(&runtime, variant);
    for (unsigned round = 0; round < rounds; round++) {
        uint64_t busy_until_ns = runtime_now(&runtime) + busy_ns;

        while (runtime_now(&runtime) < busy_until_ns)
            ;
        for (unsigned i = 0; i < MANY; i++) {
            uint64_t duration_ns = 1 + (round * 7919 + i * 104729) % EDO_US(1500);

            edo_source_init(&timers[i].timer);
            timers[i].clock = &runtime.executor.reactor.clock;
            timers[i].deadline_ns = runtime_now(&runtime) + duration_ns;
            timers[i].woken_ns = 0;
            edo_reactor_arm_for(&runtime.executor.reactor, &timers[i].timer, duration_ns,
                                (struct edo_waker){note_time, &timers[i]});
        }
        turn_until_empty(&runtime);
        for (unsigned i = 0; i < MANY; i++)
            ck_assert_uint_ge(timers[i].woken_ns, timers[i].deadline_ns);
    }
    runtime_close(&runtime);
}

START_TEST(no_timer_is_early_when_the_loop_is_idle)
{
    check_never_early(_i, 10, 0);
}
END_TEST

START_TEST(no_timer_is_early_when_the_loop_is_busy)
{
    check_never_early(_i, 10, EDO_US(700));
}
END_TEST

/* make check-soak */
START_TEST(of_a_million_timers_none_is_early)
{
    check_never_early(_i, 5000, 0);
    check_never_early(_i, 5000, EDO_US(300));
}
END_TEST

/* K4, K5: readiness was reported, but there is nothing to read yet. */
static void check_false_alarm(int answer)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timer;
    uint64_t deadline_ns;

    runtime_open(&runtime, FD_REAL);
    deadline_ns = runtime_now(&runtime) + EDO_MS(2);
    arm_for(&runtime, &timer, &log, EDO_MS(2));
    wrap_begin(CALL_READ, 1, 3, answer);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(turn(&runtime), 0);
        ck_assert_int_eq(timer.timer.state, EDO_SOURCE_ARMED);
    }
    ck_assert_int_eq(turn(&runtime), 1);
    wrap_end();
    ck_assert_uint_eq(wrap_failed(), 3);
    ck_assert_int_eq(timer.timer.result, 0);
    ck_assert_uint_ge(timer.woken_ns, deadline_ns);
    runtime_close(&runtime);
}

START_TEST(a_read_that_says_eagain_is_not_an_expiry)
{
    check_false_alarm(EAGAIN);
}
END_TEST

START_TEST(a_short_or_empty_read_is_not_an_expiry)
{
    check_false_alarm(SHORT_READ);
    check_false_alarm(EMPTY_READ);
}
END_TEST

/* A batch of nothing but false alarms leads nowhere: the turn ends, and does not spin. */
START_TEST(a_full_batch_of_false_alarms_ends_the_look)
{
    enum { MANY = 200 };
    struct runtime runtime;
    struct counter counter = {0};
    struct edo_source timers[MANY];
    uint64_t until_ns;

    runtime_open(&runtime, FD_REAL);
    for (int i = 0; i < MANY; i++) {
        edo_source_init(&timers[i]);
        edo_reactor_arm_for(&runtime.executor.reactor, &timers[i], 1, counting(&counter));
    }
    until_ns = runtime_now(&runtime) + EDO_MS(1);
    while (runtime_now(&runtime) < until_ns)
        ;
    wrap_begin(CALL_READ, 1, 10 * MANY, EAGAIN);
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT), 0);
    ck_assert_uint_le(wrap_failed(), MANY);
    wrap_end();
    turn_until_empty(&runtime);
    ck_assert_uint_eq(counter.wakes, MANY);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_read_that_fails_for_good_ends_that_timer_with_the_error)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timer;

    runtime_open(&runtime, FD_REAL);
    arm_for(&runtime, &timer, &log, EDO_MS(2));
    wrap_begin(CALL_READ, 1, 1, EIO);
    ck_assert_int_eq(turn(&runtime), 1);
    wrap_end();
    ck_assert_int_eq(timer.timer.result, -EIO);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_duration_is_armed_as_it_is_and_so_is_a_deadline)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timer;
    const struct itimerspec *time;
    uint64_t deadline_ns;
    int flags;

    runtime_open(&runtime, FD_REAL);
    deadline_ns = runtime_now(&runtime) + EDO_S(5);
    wrap_begin_counting();
    arm_until(&runtime, &timer, &log, deadline_ns);
    time = wrap_last_time(&flags);
    ck_assert_int_eq(flags, TFD_TIMER_ABSTIME);
    ck_assert_uint_eq((uint64_t)time->it_value.tv_sec * EDO_NS_PER_S +
                          (uint64_t)time->it_value.tv_nsec,
                      deadline_ns);
    edo_source_disarm(&timer.timer);
    edo_reactor_arm_for(&runtime.executor.reactor, &timer.timer, EDO_S(2) + 7,
                        logging(&timer, &log, &runtime));
    time = wrap_last_time(&flags);
    ck_assert_int_eq(flags, 0);
    ck_assert_int_eq(time->it_value.tv_sec, 2);
    ck_assert_int_eq(time->it_value.tv_nsec, 7);
    ck_assert_int_eq(time->it_interval.tv_sec, 0);
    ck_assert_int_eq(time->it_interval.tv_nsec, 0);
    wrap_end();
    runtime_close(&runtime);
}
END_TEST

START_TEST(with_slack_a_duration_is_armed_as_a_deadline_that_is_rounded_up)
{
    struct edo_reactor_options options = {.slack_ns = EDO_MS(10)};
    struct edo_reactor reactor;
    struct edo_source timer;
    const struct itimerspec *time;
    uint64_t time_ns;
    int flags;

    ck_assert_int_eq(edo_reactor_open(&reactor, &options), 0);
    edo_source_init(&timer);
    wrap_begin_counting();
    edo_reactor_arm_for(&reactor, &timer, EDO_S(2), (struct edo_waker){0});
    time = wrap_last_time(&flags);
    wrap_end();
    time_ns = (uint64_t)time->it_value.tv_sec * EDO_NS_PER_S + (uint64_t)time->it_value.tv_nsec;
    ck_assert_int_eq(flags, TFD_TIMER_ABSTIME);
    ck_assert_uint_eq(time_ns % EDO_MS(10), 0);
    ck_assert_uint_ge(time_ns, timer.due_ns);
    ck_assert_uint_lt(time_ns, timer.due_ns + EDO_MS(10));
    edo_reactor_close(&reactor);
}
END_TEST

/* `count` timers are made due one after the other, the first of them when `before` others have
 * been, and are woken in order. Whether the due list had to be sorted for that. */
static bool has_to_be_sorted(unsigned count, unsigned before)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[64];
    uint64_t now_ns;
    bool is_unsorted;

    runtime_open(&runtime, FD_REAL);
    now_ns = runtime_now(&runtime);
    for (unsigned i = 0; i < count; i++)
        arm_until(&runtime, &timers[i], &log, now_ns + EDO_S(60 + i));
    for (unsigned i = 0; i < count; i++) {
        struct edo_source *timer = &timers[(i + count - before) % count].timer;

        edo_timer_fd.disarm(timer);
        edo_reactor_make_due(timer, 0);
    }
    is_unsorted = runtime.executor.reactor.is_due_unsorted;
    ck_assert_int_eq(turn(&runtime), (int)count);
    ck_assert(!runtime.executor.reactor.is_due_unsorted); /* the next one begins anew */
    for (unsigned i = 0; i < count; i++)
        ck_assert_ptr_eq(log.entries[i], &timers[i]);
    runtime_close(&runtime);
    return is_unsorted;
}

/* In order, or in two runs: what was due at once comes before what expired earlier. */
START_TEST(the_due_list_is_sorted_only_where_a_place_is_far_away)
{
    ck_assert(!has_to_be_sorted(40, 0));
    ck_assert(!has_to_be_sorted(40, 8));
    ck_assert(has_to_be_sorted(40, 32));
    ck_assert(has_to_be_sorted(40, 39));
}
END_TEST

/* A driver may come upon them in any order: two cores' interrupts, say. */
START_TEST(whatever_order_they_are_made_due_in_they_are_woken_by_deadline)
{
    static const unsigned order[] = {3, 1, 4, 0, 2};
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[5];
    uint64_t now_ns;

    runtime_open(&runtime, FD_REAL);
    now_ns = runtime_now(&runtime);
    for (unsigned i = 0; i < 5; i++)
        arm_until(&runtime, &timers[i], &log, now_ns + EDO_S(60 + i / 2)); /* equal in pairs */
    for (unsigned i = 0; i < 5; i++) {
        edo_timer_fd.disarm(&timers[order[i]].timer);
        edo_reactor_make_due(&timers[order[i]].timer, 0);
    }
    ck_assert_int_eq(turn(&runtime), 5);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_ptr_eq(log.entries[i], &timers[i]);
    runtime_close(&runtime);
}
END_TEST

/* K8 */
START_TEST(without_an_fd_left_arming_says_emfile_and_the_others_go_on)
{
    enum { MANY = 20 };
    struct runtime runtime;
    struct log log = {0};
    struct logged timers[MANY];
    struct rlimit limit, low;
    int refused = 0;

    runtime_open(&runtime, FD_REAL);
    getrlimit(RLIMIT_NOFILE, &limit);
    low = limit;
    low.rlim_cur = (rlim_t)runtime.fds_before + 10;
    setrlimit(RLIMIT_NOFILE, &low);
    for (int i = 0; i < MANY; i++) {
        int error;

        edo_source_init(&timers[i].timer);
        error = edo_reactor_arm_for(&runtime.executor.reactor, &timers[i].timer, EDO_MS(1),
                                    logging(&timers[i], &log, &runtime));
        ck_assert(error == 0 || error == -EMFILE);
        refused += error != 0;
    }
    setrlimit(RLIMIT_NOFILE, &limit);
    turn_until_empty(&runtime);
    ck_assert_int_gt(refused, 0);
    ck_assert_uint_gt(log.count, 0);
    ck_assert_uint_eq(log.count, (unsigned)(MANY - refused));
    runtime_close(&runtime);
}
END_TEST

START_TEST(virtual_time_jumps_to_the_next_deadline_and_no_further)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged hour, too, day;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &day, &log, EDO_S(86400));
    arm_until(&runtime, &hour, &log, EDO_S(3600));
    arm_until(&runtime, &too, &log, EDO_S(3600));
    ck_assert_int_eq(turn(&runtime), 2);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_S(3600));
    ck_assert_int_eq(turn(&runtime), 1);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_S(86400));
    ck_assert_uint_eq(runtime.executor.reactor.asleep_ns, EDO_S(86400));
    runtime_close(&runtime);
}
END_TEST

START_TEST(virtual_time_advanced_by_hand_makes_timers_due)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged a, b, c;

    runtime_open(&runtime, _i);
    arm_until(&runtime, &c, &log, EDO_MS(300));
    arm_until(&runtime, &b, &log, EDO_MS(200));
    arm_until(&runtime, &a, &log, EDO_MS(100));
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(250));
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT), 2);
    ck_assert_ptr_eq(log.entries[0], &a);
    ck_assert_ptr_eq(log.entries[1], &b);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(400));
    ck_assert_int_eq(turn(&runtime), 1);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(400));
    ck_assert_uint_eq(runtime.executor.reactor.asleep_ns, 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(waiting_only_for_never_is_a_deadlock)
{
    struct runtime runtime;
    struct log log = {0};
    struct logged never, sum;
    uint64_t now_ns;

    runtime_open(&runtime, _i);
    now_ns = runtime_now(&runtime);
    arm_until(&runtime, &never, &log, EDO_NEVER);
    arm_for(&runtime, &sum, &log, UINT64_MAX);
    ck_assert_int_eq(turn(&runtime), -EDEADLK);
    ck_assert_uint_lt(runtime_now(&runtime), now_ns + EDO_S(3600));
    runtime_close(&runtime);
    ck_assert_int_eq(never.timer.state, EDO_SOURCE_IDLE);
    ck_assert_int_eq(sum.timer.state, EDO_SOURCE_IDLE);
}
END_TEST

Suite *timers_suite(void)
{
    Suite *suite = suite_create("timers");
    TCase *deadlines = tcase_create("deadlines");
    TCase *order = tcase_create("order");
    TCase *disarm = tcase_create("disarm");
    TCase *fd = tcase_create("fd driver");
    TCase *virtual = tcase_create("virtual clock");

    tcase_add_loop_test(deadlines, zero_and_past_deadlines_come_due_in_the_next_turn, 0, VARIANTS);
    tcase_add_test(deadlines, a_deadline_equal_to_now_is_due);
    tcase_add_loop_test(deadlines, a_deadline_of_never_is_accepted_and_can_be_cancelled, 0,
                        VARIANTS);
    tcase_add_loop_test(deadlines, waiting_only_for_never_is_a_deadlock, 0, VARIANTS);
    tcase_add_loop_test(deadlines, no_timer_is_early_when_the_loop_is_idle, 0, VARIANTS);
    tcase_add_loop_test(deadlines, no_timer_is_early_when_the_loop_is_busy, FD_REAL, VARIANTS);
    suite_add_tcase(suite, deadlines);

    tcase_add_loop_test(order, equal_deadlines_come_due_in_the_order_of_arming, 0, VARIANTS);
    tcase_add_loop_test(order, a_timer_armed_again_comes_after_its_equals, 0, VARIANTS);
    tcase_add_loop_test(order, deadlines_come_due_in_their_order_however_they_were_armed, 0,
                        VARIANTS);
    tcase_add_loop_test(order, in_a_trace_timers_fire_in_the_order_of_their_deadlines, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(order, what_came_due_during_a_long_poll_is_woken_in_order, 0, VARIANTS);
    suite_add_tcase(suite, order);

    tcase_add_loop_test(disarm, a_timer_s_deadline_can_be_moved, 0, VARIANTS);
    tcase_add_loop_test(disarm, whatever_state_it_is_in_moving_it_is_defined, 0, VARIANTS);
    tcase_add_loop_test(disarm, a_timer_that_is_moved_to_never_can_only_be_cancelled, 0, VARIANTS);
    tcase_add_loop_test(disarm, the_middle_the_head_and_the_only_timer_can_be_disarmed, 0,
                        VARIANTS);
    tcase_add_loop_test(disarm, disarmed_timers_hold_nothing_until_their_old_deadline, 0, VARIANTS);
    suite_add_tcase(suite, disarm);

    tcase_add_test(fd, a_read_that_says_eagain_is_not_an_expiry);
    tcase_add_test(fd, a_short_or_empty_read_is_not_an_expiry);
    tcase_add_test(fd, a_full_batch_of_false_alarms_ends_the_look);
    tcase_add_test(fd, a_read_that_fails_for_good_ends_that_timer_with_the_error);
    tcase_add_test(fd, a_duration_is_armed_as_it_is_and_so_is_a_deadline);
    tcase_add_test(fd, with_slack_a_duration_is_armed_as_a_deadline_that_is_rounded_up);
    tcase_add_loop_test(fd, a_timer_that_can_not_be_moved_ends_with_the_error, 0, 3);
    tcase_add_test(fd, whatever_order_they_are_made_due_in_they_are_woken_by_deadline);
    tcase_add_test(fd, the_due_list_is_sorted_only_where_a_place_is_far_away);
    tcase_add_test(fd, without_an_fd_left_arming_says_emfile_and_the_others_go_on);
    suite_add_tcase(suite, fd);

    tcase_add_loop_test(virtual, virtual_time_jumps_to_the_next_deadline_and_no_further, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(virtual, virtual_time_advanced_by_hand_makes_timers_due, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, virtual);

    if (getenv("EDO_SOAK")) {
        TCase *soak = tcase_create("soak");

        tcase_add_loop_test(soak, of_a_million_timers_none_is_early, FD_REAL, VARIANTS);
        suite_add_tcase(suite, soak);
    }
    return suite;
}
