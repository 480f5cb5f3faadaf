/* SPDX-License-Identifier: MIT */
/* The timing wheel: its boundaries, its system calls, slack; and against an oracle. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../reactor/kernel/timer_driver.h"
#include "helper.h"
#include "model/wheel_fuzz.h"
#include "suites.h"
#include "wrap.h"

struct setup {
    struct edo_reactor reactor;
    struct edo_timer_wheel wheel;
    struct counter counter;
};

static void open_with(struct setup *setup, struct edo_reactor_options options)
{
    options.timers = &edo_timer_wheel;
    options.timer_state = &setup->wheel;
    setup->counter = (struct counter){0};
    ck_assert_int_eq(edo_reactor_open(&setup->reactor, &options), 0);
}

static void set_up(struct setup *setup, bool is_virtual, uint64_t slack_ns)
{
    open_with(setup, (struct edo_reactor_options){.is_virtual = is_virtual, .slack_ns = slack_ns});
}

static uint64_t now(const struct setup *setup)
{
    return edo_clock_now(&setup->reactor.clock);
}

static void arm(struct setup *setup, struct edo_source *source, uint64_t deadline_ns)
{
    edo_source_init(source);
    ck_assert_int_eq(
        edo_reactor_arm_until(&setup->reactor, source, deadline_ns, counting(&setup->counter)), 0);
}

/* The clock is advanced by hand, and looked at: what a real sleep ends with. */
static unsigned fire_at(struct setup *setup, uint64_t time_ns)
{
    unsigned before = setup->counter.wakes;

    edo_clock_advance(&setup->reactor.clock, time_ns);
    edo_timer_wheel.expire(&setup->reactor, time_ns, false);
    edo_reactor_react(&setup->reactor, EDO_NO_WAIT);
    return setup->counter.wakes - before;
}

/* What comes before a real sleep. */
static void prepare(struct setup *setup)
{
    edo_timer_wheel.expire(&setup->reactor, now(setup), true);
}

/* --- Boundaries ------------------------------------------------------------------------------- */

/* T6, T7: at 64^k and one ns to either side, up to the end of time; the wheel's time stands at 0,
 * at a boundary, one before one. Not a ns early, and not lost. */
START_TEST(deadlines_at_every_boundary_come_due_to_the_ns)
{
    static const uint64_t starts[] = {
        0, 1, 63, 64, 4095, 4096, UINT64_C(1) << 60, UINT64_C(0x0fffffffffffffff)};

    for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
        for (unsigned k = 0; k < 11; k++) {
            for (unsigned beside = 0; beside < 3; beside++) {
                struct setup setup;
                struct edo_source source;
                uint64_t due_ns = (UINT64_C(1) << 6 * k) + beside - 1;

                set_up(&setup, true, 0);
                edo_clock_advance(&setup.reactor.clock, starts[s]);
                fire_at(&setup, starts[s]);
                if (_i == 0)
                    due_ns = edo_time_add(starts[s], due_ns); /* so far ahead */
                if (due_ns <= starts[s])
                    due_ns = starts[s] + 1;
                arm(&setup, &source, due_ns);
                ck_assert_uint_eq(fire_at(&setup, due_ns - 1), 0);
                ck_assert_uint_eq(fire_at(&setup, due_ns), 1);
                edo_reactor_close(&setup.reactor);
            }
        }
    }
}
END_TEST

/* T7 */
START_TEST(the_last_deadline_there_is_comes_due)
{
    struct setup setup;
    struct edo_source sources[2];

    set_up(&setup, true, 0);
    arm(&setup, &sources[0], EDO_NEVER - 1);
    arm(&setup, &sources[1], EDO_NEVER);
    ck_assert_uint_eq(fire_at(&setup, EDO_NEVER - 2), 0);
    ck_assert_uint_eq(fire_at(&setup, EDO_NEVER - 1), 1);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), -EDEADLK);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* T1: armed at different times, so in different levels, for the same ns. */
START_TEST(equal_deadlines_keep_their_order_through_every_cascade)
{
    enum { MANY = 12 };
    struct setup setup;
    struct edo_source sources[MANY];
    uint64_t due_ns = UINT64_C(1) << 61;
    struct edo_list *slot;

    set_up(&setup, true, 0);
    for (unsigned i = 0; i < MANY; i++) {
        fire_at(&setup, due_ns - (UINT64_C(1) << (60 - 5 * i)));
        arm(&setup, &sources[i], due_ns);
    }
    fire_at(&setup, due_ns - 1);
    slot = &setup.wheel.slots[(uint64_t)10 * EDO_WHEEL_SLOTS + (due_ns >> 60)].timers;
    ck_assert(!edo_list_is_empty(slot));
    for (unsigned i = 0; i < MANY; i++, slot = slot->next)
        ck_assert_ptr_eq(slot->next, &sources[i].link);
    ck_assert_uint_eq(fire_at(&setup, due_ns), MANY);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* T1: more than a slot sorts as they come due (WHEEL_FEW), in the lowest level. */
START_TEST(however_many_have_one_deadline_they_come_due_at_once_and_in_order)
{
    enum { MANY = 100 };
    struct setup setup;
    struct edo_source sources[MANY];
    struct edo_list *due;

    set_up(&setup, true, 0);
    for (unsigned i = 0; i < MANY; i++)
        arm(&setup, &sources[i], 50);
    fire_at(&setup, 49);
    edo_clock_advance(&setup.reactor.clock, 50);
    setup.reactor.now_ns = 50;
    ck_assert_int_eq(edo_timer_wheel.expire(&setup.reactor, 50, false), 0);
    due = &setup.reactor.due;
    for (unsigned i = 0; i < MANY; i++, due = due->next)
        ck_assert_ptr_eq(due->next, &sources[i].link);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_NO_WAIT), MANY);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* D4: on the virtual clock a jump does not look at everybody who sleeps longer. */
START_TEST(a_jump_beside_many_sleepers_costs_no_more_than_beside_none)
{
    struct setup setup;
    size_t many = a_million() / 5;
    struct edo_source *sleepers = calloc(many, sizeof *sleepers), timer;
    unsigned jumps = getenv("EDO_SMALL") ? 10 : 10000;

    set_up(&setup, true, 0);
    for (size_t i = 0; i < many; i++)
        arm(&setup, &sleepers[i], (UINT64_C(1) << 40) + i);
    for (unsigned i = 1; i <= jumps; i++) {
        arm(&setup, &timer, now(&setup) + EDO_US(1));
        ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
        ck_assert_uint_eq(now(&setup), i * EDO_US(1));
    }
    edo_reactor_close(&setup.reactor);
    free(sleepers);
}
END_TEST

/* --- System calls ----------------------------------------------------------------------------- */

START_TEST(the_timerfd_is_set_only_before_a_sleep_and_if_the_earliest_got_earlier)
{
    struct setup setup;
    struct edo_source sources[4];
    uint64_t base_ns;

    set_up(&setup, false, 0);
    base_ns = now(&setup) + EDO_S(60);
    wrap_begin_counting();
    arm(&setup, &sources[0], base_ns + 1);
    arm(&setup, &sources[1], base_ns);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0);
    prepare(&setup);
    prepare(&setup);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 1);
    arm(&setup, &sources[2], base_ns);
    prepare(&setup);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 1);
    arm(&setup, &sources[3], base_ns - 1);
    prepare(&setup);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 2);
    for (int i = 3; i >= 0; i--)
        edo_source_disarm(&sources[i]);
    prepare(&setup);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 2);
    wrap_end();
    edo_reactor_close(&setup.reactor);
}
END_TEST

static void check_set_to(uint64_t time_ns)
{
    int flags;
    const struct itimerspec *spec = wrap_last_time(&flags);

    ck_assert_int_eq(flags, TFD_TIMER_ABSTIME);
    ck_assert(spec->it_interval.tv_sec == 0 && spec->it_interval.tv_nsec == 0);
    ck_assert_uint_eq(
        (uint64_t)spec->it_value.tv_sec * EDO_NS_PER_S + (uint64_t)spec->it_value.tv_nsec, time_ns);
}

/* Also where the earliest is one of many in a slot of a high level. */
START_TEST(the_timerfd_is_set_to_the_earliest_exactly)
{
    struct setup setup;
    struct edo_source first, sources[3];
    uint64_t base_ns;

    set_up(&setup, false, 0);
    base_ns = now(&setup) + EDO_S(60);
    wrap_begin_counting();
    arm(&setup, &sources[0], base_ns + 3);
    arm(&setup, &sources[1], base_ns + 2);
    arm(&setup, &sources[2], base_ns + 5);
    prepare(&setup);
    check_set_to(base_ns + 2);
    arm(&setup, &first, now(&setup) + EDO_US(500));
    while (setup.counter.wakes == 0)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    prepare(&setup);
    check_set_to(base_ns + 2);
    ck_assert_uint_eq(wrap_count(CALL_READ), 0);
    wrap_end();
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* K9: nothing is read, so before the next sleep, for an fd, it must be told to be quiet. */
START_TEST(after_the_last_timer_the_timerfd_is_set_to_nothing)
{
    struct setup setup;
    struct edo_source source;
    struct epoll_event event;

    set_up(&setup, false, 0);
    edo_source_init(&source);
    source.reactor = &setup.reactor;
    source.due_ns = setup.wheel.time_ns + 1; /* passed by now */
    edo_timer_wheel.arm(&source, setup.wheel.time_ns);
    edo_timer_wheel.expire(&setup.reactor, setup.wheel.time_ns, true);
    ck_assert_int_eq(epoll_wait(setup.reactor.epoll_fd, &event, 1, -1), 1);
    edo_timer_wheel.disarm(&source);
    wrap_begin_counting();
    prepare(&setup);
    check_set_to(0);
    wrap_end();
    ck_assert_uint_eq(setup.wheel.alarm_ns, EDO_NEVER);
    ck_assert_int_eq(epoll_wait(setup.reactor.epoll_fd, &event, 1, 0), 0);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* E7 */
START_TEST(the_timerfd_is_closed_on_exec)
{
    struct setup setup;

    set_up(&setup, false, 0);
    ck_assert(fcntl(setup.wheel.timerfd, F_GETFD) & FD_CLOEXEC);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* The timerfd fires at the old deadline: nobody is woken, and it is set to what is left. */
START_TEST(disarming_the_earliest_may_end_one_sleep_early)
{
    struct setup setup;
    struct edo_source earliest, other;
    uint64_t early_ns;

    set_up(&setup, false, 0);
    early_ns = now(&setup) + EDO_S(50);
    arm(&setup, &earliest, early_ns);
    arm(&setup, &other, early_ns + EDO_S(10));
    prepare(&setup);
    edo_source_disarm(&earliest);
    prepare(&setup);
    ck_assert_uint_eq(setup.wheel.alarm_ns, early_ns);
    edo_timer_wheel.expire(&setup.reactor, early_ns, false);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_NO_WAIT), 0);
    edo_timer_wheel.expire(&setup.reactor, early_ns, true);
    ck_assert_uint_eq(setup.wheel.alarm_ns, other.due_ns);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* The same where both are in one slot of a high level, which remembers only the earliest. */
START_TEST(disarming_the_earliest_of_a_slot_may_end_one_sleep_early)
{
    struct setup setup;
    struct edo_source earliest, other;
    uint64_t early_ns = (UINT64_C(1) << 61) + 1;

    set_up(&setup, false, 0);
    arm(&setup, &earliest, early_ns);
    arm(&setup, &other, early_ns + (UINT64_C(1) << 40));
    edo_source_disarm(&earliest);
    prepare(&setup);
    check_set_to(early_ns);
    edo_timer_wheel.expire(&setup.reactor, early_ns - 1, false);
    edo_timer_wheel.expire(&setup.reactor, early_ns, false);
    edo_timer_wheel.expire(&setup.reactor, early_ns, true);
    check_set_to(other.due_ns);
    ck_assert_int_eq(other.state, EDO_SOURCE_ARMED);
    edo_source_disarm(&other);
    arm(&setup, &other, early_ns + (UINT64_C(1) << 41)); /* nothing of the others is remembered */
    edo_timer_wheel.expire(&setup.reactor, early_ns + (UINT64_C(1) << 40), true);
    check_set_to(other.due_ns);
    edo_reactor_close(&setup.reactor);
}
END_TEST

START_TEST(arming_moving_and_disarming_make_no_system_call)
{
    struct setup setup;
    struct edo_source source, passed;
    uint64_t base_ns;

    set_up(&setup, false, 0);
    base_ns = now(&setup) + EDO_S(60);
    wrap_begin_counting();
    arm(&setup, &source, base_ns);
    edo_source_rearm_until(&source, base_ns + 1);
    edo_source_rearm_until(&source, base_ns - 1);
    edo_source_disarm(&source);
    for (unsigned call = 0; call < CALLS; call++)
        ck_assert_uint_eq(wrap_count(call), 0);
    arm(&setup, &passed, base_ns);
    edo_source_rearm_until(&passed, 1);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_NO_WAIT), 1); /* by the clock alone */
    for (unsigned call = 0; call < CALLS; call++)
        ck_assert_uint_eq(wrap_count(call), 0);
    wrap_end();
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* The idle timeout: with each message it moves to later. It stays in its place, beside others that
 * are not touched, and until its first time comes nobody has work with it. */
START_TEST(a_timer_moved_to_later_stays_in_its_place_until_its_time_comes)
{
    struct setup setup;
    struct edo_source source, before, behind;
    struct edo_list *next;
    int place;

    set_up(&setup, true, 0);
    arm(&setup, &before, 100);
    arm(&setup, &source, 100);
    arm(&setup, &behind, 100);
    next = source.link.next;
    place = source.result;
    for (uint64_t at_ns = 1; at_ns <= 90; at_ns++)
        edo_source_rearm_until(&source, 1000 + at_ns);
    ck_assert_ptr_eq(source.link.next, next);
    ck_assert_int_eq(source.result, place);
    ck_assert_uint_eq(fire_at(&setup, 100), 2);
    ck_assert_int_ne(source.result, place);
    edo_source_rearm_until(&source, 1000); /* to earlier */
    ck_assert_uint_eq(fire_at(&setup, 999), 0);
    ck_assert_uint_eq(fire_at(&setup, 1000), 1);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* T10: a virtual clock goes from deadline to deadline, past where a timer was before it moved. */
START_TEST(that_a_timer_stays_in_its_place_is_noted)
{
    struct edo_trace_event events[8];
    struct edo_trace_note notes[8];
    struct edo_trace trace;
    struct setup setup;
    struct edo_source source;
    size_t before;

    edo_trace_init(&trace, events, 8);
    edo_trace_keep_notes(&trace, notes, 8);
    open_with(&setup, (struct edo_reactor_options){.is_virtual = true, .trace = &trace});
    arm(&setup, &source, EDO_S(1));
    before = edo_trace_note_count(&trace);
    edo_source_rearm_until(&source, EDO_S(1) + 1); /* in the same slot, and in a later one */
    edo_source_rearm_until(&source, EDO_S(2));
    ck_assert_uint_eq(edo_trace_note_count(&trace), before + 2);
    for (size_t i = before; i < before + 2; i++)
        ck_assert_str_eq(edo_trace_note_at(&trace, i)->name, "stays");
    ck_assert_uint_eq(edo_trace_count(&trace), 5);
    for (size_t i = 0; i < 5; i++) { /* to a view it is disarmed, and armed under another id */
        ck_assert_int_eq(events[i].kind, i % 2 ? EDO_TRACE_DISARM : EDO_TRACE_ARM);
        ck_assert_uint_eq(events[i].other, source.id - 2 + i / 2);
    }
    ck_assert_int_eq(edo_reactor_close(&setup.reactor), 0);
}
END_TEST

/* How often the wheel's time goes on until all are due of `count` timers at 64 ns, 65 ns and so on,
 * in one slot. */
static size_t steps_until(uint64_t time_ns, unsigned count)
{
    enum { MANY = 64 };
    struct edo_trace_event events[MANY];
    struct edo_trace_note notes[MANY];
    struct edo_trace trace;
    struct setup setup;
    struct edo_source sources[MANY];
    size_t before, steps = 0;

    edo_trace_init(&trace, events, MANY);
    edo_trace_keep_notes(&trace, notes, MANY);
    open_with(&setup, (struct edo_reactor_options){.is_virtual = true, .trace = &trace});
    for (unsigned i = 0; i < count; i++)
        arm(&setup, &sources[i], EDO_WHEEL_SLOTS + i);
    before = edo_trace_note_count(&trace);
    edo_timer_wheel.expire(&setup.reactor, time_ns, false);
    for (size_t i = before; i < edo_trace_note_count(&trace); i++)
        steps += strcmp(edo_trace_note_at(&trace, i)->name, "wheel") == 0;
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_NO_WAIT), (int)count);
    ck_assert_int_eq(edo_reactor_close(&setup.reactor), 0);
    return steps;
}

/* At 64 ns the timer moves down a level, and is due: the wheel's time goes on once for that, and
 * once at the end. */
START_TEST(the_wheel_s_time_goes_on_only_where_the_next_slot_is_later)
{
    ck_assert_uint_eq(steps_until(EDO_WHEEL_SLOTS, 1), 2);
}
END_TEST

/* The slot's last ns is 127. Else each of them moves down, and has a slot of its own there. */
START_TEST(a_few_whose_slot_has_passed_do_not_move_down_before_they_are_due)
{
    ck_assert_uint_eq(steps_until(127, 16), 2);
    ck_assert_uint_eq(steps_until(126, 16), 1 + 15 + 1);
    ck_assert_uint_eq(steps_until(127, 17), 1 + 16 + 1);
}
END_TEST

START_TEST(a_jump_of_virtual_time_is_to_the_first_deadline_and_not_to_an_old_one)
{
    struct setup setup;
    struct edo_source moved, other, beside;

    set_up(&setup, true, 0);
    arm(&setup, &moved, 1000);
    arm(&setup, &other, 2000);
    arm(&setup, &beside, 1001);
    edo_source_rearm_until(&moved, 3000);
    edo_source_rearm_until(&beside, 4000);
    for (uint64_t time_ns = 2000; time_ns <= 4000; time_ns += 1000) {
        ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
        ck_assert_uint_eq(now(&setup), time_ns);
    }
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* T1, T10: of equal deadlines the one that was moved last is the last, wherever it stood. */
START_TEST(timers_moved_to_the_same_time_come_due_in_the_order_of_moving)
{
    struct setup setup;
    struct edo_source sources[4];
    const struct edo_list *due;

    set_up(&setup, true, 0);
    for (unsigned i = 0; i < 4; i++)
        arm(&setup, &sources[i], UINT64_C(1000) * (i + 1));
    for (unsigned i = 0; i < 4; i++)
        edo_source_rearm_until(&sources[i ^ 1], 5000);
    edo_clock_advance(&setup.reactor.clock, 6000);
    edo_timer_wheel.expire(&setup.reactor, 6000, false);
    due = &setup.reactor.due;
    for (unsigned i = 0; i < 4; i++) {
        due = due->next;
        ck_assert_ptr_eq(due, &sources[i ^ 1].link);
    }
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* On the real clock the thread wakes up once at the old time, and sets its timerfd anew. */
START_TEST(a_timer_that_was_moved_costs_one_wakeup_at_its_old_time)
{
    struct setup setup;
    struct edo_source source;
    uint64_t early_ns, late_ns;

    set_up(&setup, false, 0);
    early_ns = now(&setup) + EDO_S(60);
    late_ns = early_ns + EDO_S(60);
    arm(&setup, &source, early_ns);
    edo_source_rearm_until(&source, late_ns);
    prepare(&setup);
    check_set_to(early_ns);
    edo_timer_wheel.expire(&setup.reactor, early_ns, true);
    check_set_to(late_ns);
    ck_assert_int_eq(source.state, EDO_SOURCE_ARMED);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* A busy loop looks at its fds as well. */
START_TEST(a_look_at_the_clock_does_not_overlook_an_fd)
{
    struct setup setup;
    struct edo_source timer, watch;
    int ends[2];

    set_up(&setup, false, 0);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    arm(&setup, &timer, 1);
    edo_source_init(&watch);
    ck_assert_int_eq(
        edo_reactor_watch(&setup.reactor, &watch, ends[0], EPOLLIN, counting(&setup.counter)), 0);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, _i ? EDO_WAIT : EDO_NO_WAIT), 2);
    edo_reactor_close(&setup.reactor);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* K7: who sleeps until the first deadline must be told, and the one after that goes on. */
START_TEST(a_timerfd_that_can_not_be_set_is_the_first_timer_s_error)
{
    struct setup setup;
    struct edo_source sources[2];

    set_up(&setup, false, 0);
    arm(&setup, &sources[1], now(&setup) + EDO_S(60));
    arm(&setup, &sources[0], now(&setup) + EDO_S(50));
    wrap_begin(CALL_TIMERFD_SETTIME, 1, 1, EINVAL);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(wrap_failed(), 1);
    wrap_end();
    ck_assert(!setup.reactor.is_asleep);
    ck_assert_uint_eq(setup.wheel.alarm_ns, EDO_NEVER);
    ck_assert_int_eq(sources[0].result, -EINVAL);
    ck_assert_uint_le(sources[0].due_ns, now(&setup));
    ck_assert_int_eq(sources[1].state, EDO_SOURCE_ARMED);
    prepare(&setup);
    ck_assert_uint_le(setup.wheel.alarm_ns, sources[1].due_ns); /* earlier, if in one slot */
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* K7, K9: the timerfd can't be told to be quiet, and there is no timer to say so. */
START_TEST(a_timerfd_that_can_not_be_quietened_is_the_turn_s_error)
{
    struct setup setup;
    struct edo_source watch;
    int ends[2];

    set_up(&setup, false, 0);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&watch);
    edo_reactor_watch(&setup.reactor, &watch, ends[0], EPOLLIN, counting(&setup.counter));
    setup.wheel.alarm_ns = 1; /* as if it had fired */
    wrap_begin(CALL_TIMERFD_SETTIME, 1, 1, EPERM);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), -EPERM);
    wrap_end();
    edo_reactor_close(&setup.reactor);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* What is due by the clock is neither slept for, nor said to be. */
START_TEST(a_turn_that_need_not_sleep_makes_no_system_call)
{
    struct edo_trace_event events[8];
    struct edo_trace trace;
    struct setup setup;
    struct edo_source source;
    uint64_t now_ns;

    edo_trace_init(&trace, events, 8);
    open_with(&setup, (struct edo_reactor_options){.trace = &trace});
    arm(&setup, &source, now(&setup) + EDO_US(1));
    do
        now_ns = now(&setup);
    while (now_ns < source.due_ns);
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
    for (unsigned call = 0; call < CALLS; call++)
        ck_assert_uint_eq(wrap_count(call), 0);
    wrap_end();
    ck_assert_uint_eq(edo_trace_count(&trace), 2);
    ck_assert_int_eq(events[0].kind, EDO_TRACE_ARM);
    ck_assert_int_eq(events[1].kind, EDO_TRACE_FIRE);
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* Armed, moved, fired: in that order, also where the new deadline has passed; and that came due
 * when it was moved. */
/* T3 */
START_TEST(a_timer_moved_to_just_now_is_due)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, true, 0);
    fire_at(&setup, 1000);
    arm(&setup, &source, 2000);
    edo_source_rearm_until(&source, 1000);
    ck_assert_int_eq(source.state, EDO_SOURCE_DUE);
    edo_clock_advance(&setup.reactor.clock, 1500); /* since the last look */
    edo_source_rearm_until(&source, 900);
    ck_assert_int_eq(source.state, EDO_SOURCE_DUE);
    ck_assert_uint_eq(source.due_ns, 1500);
    edo_source_rearm_until(&source, 1001);
    ck_assert_int_eq(source.state, EDO_SOURCE_ARMED);
    ck_assert_int_eq(source.fd, -1);
    edo_source_disarm(&source);
    edo_reactor_close(&setup.reactor);
}
END_TEST

START_TEST(a_timer_moved_into_the_past_is_armed_before_it_fires)
{
    struct edo_trace_event events[8];
    struct edo_trace trace;
    struct setup setup;
    struct edo_source source, earlier;

    edo_trace_init(&trace, events, 8);
    open_with(&setup, (struct edo_reactor_options){.is_virtual = true, .trace = &trace});
    arm(&setup, &source, 200);
    arm(&setup, &earlier, 100);
    fire_at(&setup, 150);
    edo_source_rearm_until(&source, 50);
    ck_assert_uint_eq(source.due_ns, 150);
    ck_assert_uint_eq(edo_trace_count(&trace), 6);
    ck_assert_int_eq(events[3].kind, EDO_TRACE_DISARM);
    ck_assert_int_eq(events[4].kind, EDO_TRACE_ARM);
    ck_assert_int_eq(events[5].kind, EDO_TRACE_FIRE);
    edo_reactor_close(&setup.reactor);
}
END_TEST

START_TEST(the_wheel_s_memory_need_not_be_initialised)
{
    static struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {
        .timers = &edo_timer_wheel, .timer_state = &wheel, .is_virtual = true};
    struct edo_reactor reactor;
    struct edo_source source;

    memset(&wheel, 0xff, sizeof wheel);
    ck_assert_int_eq(edo_reactor_open(&reactor, &options), 0);
    edo_source_init(&source);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK);
    ck_assert_int_eq(edo_reactor_arm_for(&reactor, &source, 1, (struct edo_waker){0}), 0);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK);
    edo_reactor_close(&reactor);
}
END_TEST

/* Else the timerfd would be thought to be set, and nothing would end the sleep. */
START_TEST(a_wheel_that_is_opened_again_has_forgotten_its_alarm)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, false, 0);
    arm(&setup, &source, now(&setup) + EDO_S(60));
    prepare(&setup);
    check_set_to(source.due_ns);
    edo_reactor_close(&setup.reactor);
    set_up(&setup, false, 0);
    arm(&setup, &source, now(&setup) + EDO_S(120));
    prepare(&setup);
    check_set_to(source.due_ns);
    edo_reactor_close(&setup.reactor);
}
END_TEST

START_TEST(without_memory_for_the_wheel_opening_is_refused)
{
    struct edo_reactor reactor;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel};
    int fds = count_fds();

    ck_assert_int_eq(edo_reactor_open(&reactor, &options), -EINVAL);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

/* --- Slack ------------------------------------------------------------------------------------ */

/* Ten deadlines within a ms: one wait, none early. On both drivers; but of ten timerfds the kernel
 * may report some first. */
START_TEST(with_slack_deadlines_that_lie_close_share_a_wakeup)
{
    enum { MANY = 10 };
    struct edo_timer_wheel wheel;
    struct edo_reactor reactor;
    struct edo_reactor_options options = {.timers = _i ? &edo_timer_wheel : &edo_timer_fd,
                                          .timer_state = &wheel,
                                          .slack_ns = EDO_MS(50)};
    struct edo_source sources[MANY];
    struct counter counter = {0};
    uint64_t base_ns, due_ns;

    edo_reactor_open(&reactor, &options);
    due_ns = edo_time_round_up(edo_clock_now(&reactor.clock) + EDO_MS(50), EDO_MS(50));
    base_ns = due_ns - EDO_MS(1);
    for (unsigned i = 0; i < MANY; i++) {
        edo_source_init(&sources[i]);
        edo_reactor_arm_until(&reactor, &sources[i], base_ns + EDO_US(50) * (MANY - i),
                              counting(&counter));
    }
    do
        ck_assert_int_gt(edo_reactor_react(&reactor, EDO_WAIT), 0);
    while (_i == 0 && counter.wakes < MANY);
    ck_assert_uint_eq(counter.wakes, MANY);
    ck_assert_uint_ge(edo_clock_now(&reactor.clock), due_ns);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(the_wakeup_comes_as_late_as_the_slack_permits)
{
    struct setup setup;
    struct edo_source source, later;

    set_up(&setup, false, EDO_MS(1));
    arm(&setup, &source, now(&setup) + EDO_S(60));
    arm(&setup, &later, source.due_ns + EDO_US(300));
    wrap_begin_counting();
    prepare(&setup);
    check_set_to(source.due_ns + EDO_MS(1));
    wrap_end();
    edo_reactor_close(&setup.reactor);
}
END_TEST

/* A thread that is awake anyway has no reason to leave what is due. */
START_TEST(slack_delays_only_the_end_of_a_sleep)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, false, EDO_S(500));
    arm(&setup, &source, now(&setup) + EDO_S(60));
    edo_timer_wheel.expire(&setup.reactor, source.due_ns - 1, false);
    ck_assert_int_eq(source.state, EDO_SOURCE_ARMED);
    edo_timer_wheel.expire(&setup.reactor, source.due_ns, false);
    ck_assert_int_eq(source.state, EDO_SOURCE_DUE);
    edo_reactor_close(&setup.reactor);
}
END_TEST

START_TEST(rounding_up_never_rounds_past_the_end_of_time)
{
    ck_assert_uint_eq(edo_time_round_up(7, 0), 7);
    ck_assert_uint_eq(edo_time_round_up(7, 5), 10);
    ck_assert_uint_eq(edo_time_round_up(10, 5), 10);
    ck_assert_uint_eq(edo_time_round_up(0, 5), 0);
    ck_assert_uint_eq(edo_time_round_up(EDO_NEVER - 1, EDO_MS(1)), EDO_NEVER);
    ck_assert_uint_eq(edo_time_round_up(EDO_NEVER, EDO_MS(1)), EDO_NEVER);
}
END_TEST

/* --- Against the oracle ----------------------------------------------------------------------- */

static uint64_t default_operations(void)
{
    if (getenv("EDO_SMALL") != NULL)
        return 20000;
    return getenv("EDO_SANITIZED") ? 10000000 : 1000000;
}

START_TEST(random_operations_end_as_a_sorted_array_says)
{
    enum { WORDS = 1024 };
    static uint64_t words[WORDS];
    const char *most = getenv("EDO_OPERATIONS");
    uint64_t left = most ? strtoull(most, NULL, 10) : default_operations();
    uint64_t state = 1, operations = 0;

    while (operations < left) {
        for (size_t i = 0; i < WORDS; i++)
            words[i] = draw(&state);
        operations += wheel_fuzz((const uint8_t *)words, sizeof words);
    }
    printf("wheel: %" PRIu64 " operations\n", operations);
}
END_TEST

Suite *wheel_suite(void)
{
    Suite *suite = suite_create("wheel");
    TCase *boundaries = tcase_create("boundaries");
    TCase *calls = tcase_create("calls");
    TCase *slack = tcase_create("slack");
    TCase *oracle = tcase_create("oracle");

    tcase_add_loop_test(boundaries, deadlines_at_every_boundary_come_due_to_the_ns, 0, 2);
    tcase_add_test(boundaries, the_last_deadline_there_is_comes_due);
    tcase_add_test(boundaries, equal_deadlines_keep_their_order_through_every_cascade);
    tcase_add_test(boundaries, however_many_have_one_deadline_they_come_due_at_once_and_in_order);
    tcase_add_test(boundaries, a_jump_beside_many_sleepers_costs_no_more_than_beside_none);
    suite_add_tcase(suite, boundaries);

    tcase_add_test(calls, the_timerfd_is_set_only_before_a_sleep_and_if_the_earliest_got_earlier);
    tcase_add_test(calls, the_timerfd_is_set_to_the_earliest_exactly);
    tcase_add_test(calls, arming_moving_and_disarming_make_no_system_call);
    tcase_add_test(calls, a_timer_moved_to_later_stays_in_its_place_until_its_time_comes);
    tcase_add_test(calls, that_a_timer_stays_in_its_place_is_noted);
    tcase_add_test(calls, the_wheel_s_time_goes_on_only_where_the_next_slot_is_later);
    tcase_add_test(calls, a_few_whose_slot_has_passed_do_not_move_down_before_they_are_due);
    tcase_add_test(calls, a_jump_of_virtual_time_is_to_the_first_deadline_and_not_to_an_old_one);
    tcase_add_test(calls, timers_moved_to_the_same_time_come_due_in_the_order_of_moving);
    tcase_add_test(calls, a_timer_that_was_moved_costs_one_wakeup_at_its_old_time);
    tcase_add_loop_test(calls, a_look_at_the_clock_does_not_overlook_an_fd, 0, 2);
    tcase_add_test(calls, after_the_last_timer_the_timerfd_is_set_to_nothing);
    tcase_add_test(calls, the_timerfd_is_closed_on_exec);
    tcase_add_test(calls, disarming_the_earliest_may_end_one_sleep_early);
    tcase_add_test(calls, disarming_the_earliest_of_a_slot_may_end_one_sleep_early);
    tcase_add_test(calls, a_timerfd_that_can_not_be_set_is_the_first_timer_s_error);
    tcase_add_test(calls, a_timerfd_that_can_not_be_quietened_is_the_turn_s_error);
    tcase_add_test(calls, a_turn_that_need_not_sleep_makes_no_system_call);
    tcase_add_test(calls, a_timer_moved_to_just_now_is_due);
    tcase_add_test(calls, a_timer_moved_into_the_past_is_armed_before_it_fires);
    tcase_add_test(calls, the_wheel_s_memory_need_not_be_initialised);
    tcase_add_test(calls, a_wheel_that_is_opened_again_has_forgotten_its_alarm);
    tcase_add_test(calls, without_memory_for_the_wheel_opening_is_refused);
    suite_add_tcase(suite, calls);

    tcase_add_loop_test(slack, with_slack_deadlines_that_lie_close_share_a_wakeup, 0, 2);
    tcase_add_test(slack, the_wakeup_comes_as_late_as_the_slack_permits);
    tcase_add_test(slack, slack_delays_only_the_end_of_a_sleep);
    tcase_add_test(slack, rounding_up_never_rounds_past_the_end_of_time);
    suite_add_tcase(suite, slack);

    tcase_add_test(oracle, random_operations_end_as_a_sorted_array_says);
    tcase_set_timeout(oracle, 0);
    suite_add_tcase(suite, oracle);
    return suite;
}
