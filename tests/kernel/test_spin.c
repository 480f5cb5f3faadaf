/* SPDX-License-Identifier: MIT */
/* Watching the clock at the end of a sleep: when the thread is woken, how long it may watch, and
 * what ends it. */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../reactor/io/notice.h"
#include "../../reactor/kernel/timer_driver.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

struct setup {
    struct edo_reactor reactor;
    struct edo_timer_wheel wheel;
    struct counter counter;
    int ends[2]; /* of a pipe that `watch` reads */
    struct edo_source watch;
};

static void set_up(struct setup *setup, struct edo_reactor_options options)
{
    if (options.timers == NULL)
        options.timers = &edo_timer_wheel;
    options.timer_state = &setup->wheel;
    setup->counter = (struct counter){0};
    ck_assert_int_eq(edo_reactor_open(&setup->reactor, &options), 0);
    ck_assert_int_eq(pipe(setup->ends), 0);
    edo_source_init(&setup->watch);
    ck_assert_int_eq(edo_reactor_watch(&setup->reactor, &setup->watch, setup->ends[0], EPOLLIN,
                                       counting(&setup->counter)),
                     0);
}

static void tear_down(struct setup *setup)
{
    edo_reactor_close(&setup->reactor);
    close(setup->ends[0]);
    close(setup->ends[1]);
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

static uint64_t set_to(void)
{
    int flags;
    const struct itimerspec *spec = wrap_last_time(&flags);

    ck_assert_int_eq(flags, TFD_TIMER_ABSTIME);
    return (uint64_t)spec->it_value.tv_sec * EDO_NS_PER_S + (uint64_t)spec->it_value.tv_nsec;
}

/* --- When the thread is woken ----------------------------------------------------------------- */

/* What the timerfd is set to by a sleep until a timer in a minute, which an fd ends at once: so
 * long before the deadline. */
static uint64_t woken_before(struct edo_reactor_options options)
{
    struct setup setup;
    struct edo_source source;
    uint64_t due_ns, before_ns;

    set_up(&setup, options);
    due_ns = now(&setup) + EDO_S(60);
    arm(&setup, &source, due_ns);
    ck_assert_int_eq(write(setup.ends[1], "x", 1), 1);
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 1);
    wrap_end();
    before_ns = due_ns - set_to();
    ck_assert_int_eq(source.state, EDO_SOURCE_ARMED);
    ck_assert_uint_eq(setup.reactor.spin.spun_ns, 0);
    tear_down(&setup);
    return before_ns;
}

START_TEST(the_thread_is_woken_so_long_before_the_deadline)
{
    ck_assert_uint_eq(woken_before((struct edo_reactor_options){.spin_ns = EDO_MS(1)}), EDO_MS(1));
    ck_assert_uint_eq(woken_before((struct edo_reactor_options){.spin_ns = 1}), 1);
}
END_TEST

START_TEST(by_default_it_is_woken_at_the_deadline)
{
    ck_assert_uint_eq(woken_before((struct edo_reactor_options){.spin_ns = 0}), 0);
    ck_assert_uint_eq(woken_before((struct edo_reactor_options){.spin_percent = 100}), 0);
}
END_TEST

START_TEST(with_slack_it_is_woken_so_long_before_the_slack_ends)
{
    struct edo_reactor_options options = {.spin_ns = EDO_US(100), .slack_ns = EDO_US(100)};

    ck_assert_uint_eq(woken_before(options), 0);
    options.spin_ns = EDO_US(150);
    ck_assert_uint_eq(woken_before(options), EDO_US(50));
}
END_TEST

START_TEST(a_time_beyond_all_measure_is_a_quarter_of_a_second)
{
    static const uint64_t times_ns[] = {EDO_MS(250), EDO_MS(250) + 1, EDO_S(60), EDO_NEVER - 1};

    for (size_t i = 0; i < sizeof times_ns / sizeof times_ns[0]; i++)
        ck_assert_uint_eq(woken_before((struct edo_reactor_options){.spin_ns = times_ns[i]}),
                          EDO_MS(250));
}
END_TEST

/* The timerfd is not set to "never, less a ms": if that failed, there is no timer to say so. */
START_TEST(without_a_timer_there_is_nothing_to_be_woken_for)
{
    struct setup setup;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(1)});
    ck_assert_int_eq(write(setup.ends[1], "x", 1), 1);
    wrap_begin(CALL_TIMERFD_SETTIME, 1, 1, EINVAL);
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0);
    wrap_end();
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), -EDEADLK);
    ck_assert_uint_eq(setup.reactor.spin.spun_ns, 0);
    tear_down(&setup);
}
END_TEST

START_TEST(no_deadline_is_too_near_or_too_far)
{
    struct edo_spin spin;

    edo_spin_open(&spin, EDO_MS(1), 100, EDO_S(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(2)), EDO_S(2)); /* not begun */
    edo_spin_begin(&spin, EDO_S(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(2)), EDO_S(2) - EDO_MS(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(1) + EDO_MS(1) + 1), EDO_S(1) + 1);
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(1) + EDO_MS(1)), EDO_S(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(1) + 1), EDO_S(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_NEVER - 1), EDO_NEVER - 1 - EDO_MS(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_NEVER), EDO_NEVER);
    edo_spin_end(&spin, 0);
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(2)), EDO_S(2));
}
END_TEST

/* So it would be woken later, by its own alarm. */
START_TEST(a_deadline_too_near_to_sleep_for_sets_no_alarm)
{
    struct setup setup;
    struct edo_source sources[3];

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(200), .spin_percent = 100});
    arm(&setup, &sources[0], now(&setup) + EDO_MS(10));
    arm(&setup, &sources[1], sources[0].due_ns);
    arm(&setup, &sources[2], sources[0].due_ns + EDO_S(60));
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 2);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0);
    wrap_end();
    tear_down(&setup);
}
END_TEST

START_TEST(however_near_the_deadline_the_fds_are_looked_at_first)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(200), .spin_percent = 100});
    arm(&setup, &source, now(&setup) + EDO_MS(1));
    ck_assert_int_eq(write(setup.ends[1], "x", 1), 1);
    ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
    ck_assert_int_eq(setup.watch.state, EDO_SOURCE_FIRED);
    tear_down(&setup);
}
END_TEST

/* --- What a sleep shows ----------------------------------------------------------------------- */

/* What becomes of a measured spin_ns after a sleep whose end was so late. */
static uint64_t followed(uint64_t spin_ns, int64_t late_ns)
{
    struct edo_spin spin;

    edo_spin_open(&spin, spin_ns, 100, EDO_S(1));
    spin.follows = true;
    edo_spin_begin(&spin, EDO_S(1));
    ck_assert_uint_eq(edo_spin_wake(&spin, EDO_S(1), EDO_S(2)), EDO_S(2) - spin_ns);
    edo_spin_follow(&spin, EDO_S(2) - spin_ns + (uint64_t)late_ns);
    return spin.spin_ns;
}

START_TEST(a_measured_time_doubles_when_a_sleep_was_later_than_that)
{
    ck_assert_uint_eq(followed(EDO_US(200), EDO_US(200) + 1), EDO_US(400));
    ck_assert_uint_eq(followed(EDO_US(200), (int64_t)EDO_MS(1)), EDO_US(400));
    ck_assert_uint_eq(followed(EDO_US(600), EDO_US(600) + 1), EDO_MS(1)); /* no more than that */
}
END_TEST

START_TEST(else_it_becomes_a_thousandth_shorter)
{
    ck_assert_uint_eq(followed(EDO_US(999), (int64_t)EDO_US(999)), EDO_US(999) - 999);
    ck_assert_uint_eq(followed(EDO_US(999), 0), EDO_US(999) - 999);
}
END_TEST

START_TEST(a_sleep_that_tells_nothing_does_not_change_it)
{
    struct edo_spin spin;

    ck_assert_uint_eq(followed(EDO_US(600), EDO_MS(1) + 1),
                      EDO_US(600));                            /* it did not get the CPU */
    ck_assert_uint_eq(followed(EDO_US(600), -1), EDO_US(600)); /* an fd ended it */
    edo_spin_open(&spin, EDO_US(600), 100, 0);
    spin.follows = true;
    edo_spin_begin(&spin, EDO_S(1));
    edo_spin_wake(&spin, EDO_S(1), EDO_S(2));
    edo_spin_begin(&spin, EDO_S(2)); /* and now it sleeps without a timer */
    edo_spin_wake(&spin, EDO_S(2), EDO_NEVER);
    edo_spin_follow(&spin, EDO_S(2) + EDO_US(1));
    ck_assert_uint_eq(spin.spin_ns, EDO_US(600));
}
END_TEST

START_TEST(a_time_that_was_given_stays_as_it_is)
{
    struct edo_spin spin;

    edo_spin_open(&spin, EDO_US(600), 100, EDO_S(1));
    edo_spin_begin(&spin, EDO_S(1));
    edo_spin_wake(&spin, EDO_S(1), EDO_S(2));
    edo_spin_follow(&spin, EDO_S(2) + 1);
    ck_assert_uint_eq(spin.spin_ns, EDO_US(600));
    edo_spin_follow(&spin, EDO_S(2));
    ck_assert_uint_eq(spin.spin_ns, EDO_US(600));
}
END_TEST

/* Whether the reactor asks. On a busy machine a sleep may tell nothing; then it is not the last. */
START_TEST(each_sleep_of_a_reactor_that_has_measured_is_asked)
{
    struct setup setup;
    struct edo_source source;
    uint64_t before_ns = EDO_US(500);

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_SPIN_MEASURED});
    setup.reactor.spin.spin_ns = before_ns;
    while (setup.reactor.spin.spin_ns == before_ns) {
        arm(&setup, &source, now(&setup) + EDO_MS(2));
        while (source.state != EDO_SOURCE_FIRED)
            ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    }
    tear_down(&setup);
}
END_TEST

/* The timer is too near to sleep for. On a busy machine that alone may take as long as a sleep. */
START_TEST(where_the_thread_did_not_sleep_nothing_is_shown)
{
    struct setup setup;
    struct edo_source source;
    uint64_t before_ns = 0;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(2), .spin_percent = 100});
    setup.reactor.spin.follows = true;
    for (int i = 0; i < 100 && setup.reactor.spin.spin_ns != before_ns; i++) {
        before_ns = setup.reactor.spin.spin_ns;
        arm(&setup, &source, now(&setup) + (i == 0 ? EDO_MS(4) : EDO_US(200)));
        while (source.state != EDO_SOURCE_FIRED)
            ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    }
    ck_assert_uint_eq(setup.reactor.spin.spin_ns, before_ns);
    tear_down(&setup);
}
END_TEST

/* --- How long it may watch the clock ---------------------------------------------------------- */

START_TEST(where_the_share_is_used_up_it_only_sleeps_until_enough_is_saved)
{
    struct edo_spin spin;
    uint64_t now_ns = EDO_S(1);

    edo_spin_open(&spin, EDO_US(100), 25, now_ns);
    edo_spin_begin(&spin, now_ns);
    ck_assert(spin.is_on);
    edo_spin_end(&spin, EDO_MS(250)); /* all that can be saved */
    ck_assert(!spin.is_on);
    edo_spin_begin(&spin, now_ns);
    ck_assert(!spin.is_on);
    edo_spin_end(&spin, 0);
    edo_spin_begin(&spin, now_ns += EDO_US(399));
    ck_assert(!spin.is_on);
    edo_spin_end(&spin, 0);
    edo_spin_begin(&spin, now_ns += EDO_US(1));
    ck_assert(spin.is_on);
    edo_spin_end(&spin, EDO_S(1)); /* it was stopped meanwhile: more than it had */
    edo_spin_begin(&spin, now_ns);
    ck_assert(!spin.is_on);
    edo_spin_end(&spin, 0);
    edo_spin_begin(&spin, now_ns + EDO_US(400));
    ck_assert(spin.is_on);
    ck_assert_uint_eq(spin.spun_ns, EDO_MS(1250));
}
END_TEST

START_TEST(a_quiet_hour_saves_no_more_than_a_quarter_of_a_second)
{
    struct edo_spin spin;

    edo_spin_open(&spin, EDO_MS(100), 25, 0);
    edo_spin_begin(&spin, EDO_S(3600));
    edo_spin_end(&spin, EDO_MS(100));
    edo_spin_begin(&spin, EDO_S(3600));
    edo_spin_end(&spin, EDO_MS(100));
    edo_spin_begin(&spin, EDO_S(3600));
    ck_assert(!spin.is_on);
}
END_TEST

START_TEST(by_default_it_may_use_a_quarter_of_a_cpu)
{
    struct edo_spin spin;

    edo_spin_open(&spin, EDO_MS(1), 0, 0);
    ck_assert_uint_eq(spin.percent, 25);
}
END_TEST

START_TEST(a_share_of_a_whole_cpu_and_more_is_never_used_up)
{
    static const unsigned percents[] = {100, 101, 1U << 31, UINT_MAX};

    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        struct edo_spin spin;
        uint64_t now_ns = 0;

        edo_spin_open(&spin, EDO_MS(250), percents[i], now_ns);
        ck_assert_uint_eq(spin.percent, 100);
        for (int turn = 0; turn < 10; turn++) {
            edo_spin_begin(&spin, now_ns);
            ck_assert(spin.is_on);
            edo_spin_end(&spin, EDO_MS(250));
            now_ns += EDO_MS(250);
        }
        edo_spin_begin(&spin, now_ns);
        edo_spin_end(&spin, EDO_MS(250));
        now_ns += (UINT64_C(1) << 33) * 100; /* a hundredth of it, times 2^31, would be 0 */
        edo_spin_begin(&spin, now_ns);
        ck_assert(spin.is_on);
        edo_spin_end(&spin, EDO_MS(250));
        edo_spin_begin(&spin, EDO_NEVER);
        ck_assert_uint_eq(spin.left_ns, EDO_MS(250));
    }
}
END_TEST

/* One percent of a ms is 10 us. */
START_TEST(who_may_not_watch_the_clock_is_woken_at_the_deadline)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(200), .spin_percent = 1});
    setup.reactor.spin.left_ns = 0;
    arm(&setup, &source, now(&setup) + EDO_MS(1));
    wrap_begin_counting();
    while (source.state != EDO_SOURCE_FIRED)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    ck_assert(wrap_count(CALL_TIMERFD_SETTIME) == 0 || set_to() == source.due_ns);
    wrap_end();
    ck_assert_uint_eq(setup.reactor.spin.spun_ns, 0);
    tear_down(&setup);
}
END_TEST

/* --- What ends it ----------------------------------------------------------------------------- */

struct punctual {
    const struct edo_clock *clock;
    uint64_t woken_ns;
};

static void note_time(void *data, struct edo_cause cause)
{
    struct punctual *punctual = data;

    (void)cause;
    punctual->woken_ns = edo_clock_now(punctual->clock);
}

/* The first are nearer than the time before the deadline. */
START_TEST(no_timer_is_early_and_the_thread_has_watched_the_clock)
{
    static const uint64_t durations_ns[] = {1, EDO_US(1), EDO_US(50), EDO_US(500), EDO_MS(3)};
    struct setup setup;
    struct punctual punctual = {.clock = &setup.reactor.clock};
    struct edo_source source;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(2),
                                                .spin_percent = 100,
                                                .slack_ns = _i ? EDO_US(500) : 0});
    edo_source_init(&source);
    for (size_t i = 0; i < sizeof durations_ns / sizeof durations_ns[0]; i++) {
        edo_reactor_arm_for(&setup.reactor, &source, durations_ns[i],
                            (struct edo_waker){note_time, &punctual});
        ck_assert_int_eq(edo_reactor_react(&setup.reactor, EDO_WAIT), 1);
        ck_assert_uint_ge(punctual.woken_ns, source.due_ns);
    }
    ck_assert_uint_gt(setup.reactor.spin.spun_ns, 0);
    tear_down(&setup);
}
END_TEST

/* Of a timer that was moved, the old deadline is remembered: it ends one sleep, and not the timer.
 */
START_TEST(a_timer_that_was_moved_is_not_early)
{
    struct setup setup;
    struct edo_source source;
    unsigned turns = 0;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(2), .spin_percent = 100});
    arm(&setup, &source, now(&setup) + EDO_MS(1));
    edo_source_rearm_until(&source, source.due_ns + EDO_MS(1));
    for (; source.state != EDO_SOURCE_FIRED; turns++)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    ck_assert_uint_ge(now(&setup), source.due_ns);
    ck_assert_uint_le(turns, 2);
    tear_down(&setup);
}
END_TEST

START_TEST(with_no_fd_to_look_at_only_the_timer_ends_it)
{
    struct setup setup;
    struct edo_source source;
    unsigned turns = 0;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(20), .spin_percent = 100});
    edo_source_disarm(&setup.watch);
    arm(&setup, &source, now(&setup) + EDO_MS(10));
    wrap_begin_counting();
    for (; source.state != EDO_SOURCE_FIRED; turns++)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    ck_assert_uint_le(wrap_count(CALL_EPOLL_WAIT), turns); /* none while it watches the clock */
    wrap_end();
    ck_assert_uint_ge(now(&setup), source.due_ns);
    tear_down(&setup);
}
END_TEST

START_TEST(while_it_watches_the_clock_it_looks_at_its_fds_once_in_ten_microseconds)
{
    struct setup setup;
    struct edo_source source;
    unsigned turns = 0;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(20), .spin_percent = 100});
    arm(&setup, &source, now(&setup) + EDO_MS(10));
    wrap_begin_counting();
    for (; source.state != EDO_SOURCE_FIRED; turns++)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    ck_assert_uint_le(wrap_count(CALL_EPOLL_WAIT), turns + setup.reactor.spin.spun_ns / EDO_US(10));
    wrap_end();
    tear_down(&setup);
}
END_TEST

struct other {
    const struct setup *setup;
    uint64_t from_ns;
    struct edo_notice *notice; /* NULL: it writes to the pipe */
};

/* Another thread, while this one watches the clock. */
static void *act(void *data)
{
    const struct other *other = data;

    while (now(other->setup) < other->from_ns)
        sched_yield();
    if (other->notice != NULL)
        edo_notice_post(other->notice);
    else
        ck_assert_int_eq(write(other->setup->ends[1], "x", 1), 1);
    return NULL;
}

/* Whether what it does is seen long before the timer, after a sleep of 10 ms. On a busy machine
 * that thread may sleep past the deadline. */
static bool is_first(struct setup *setup, struct edo_notice *notice)
{
    const struct edo_source *first = notice != NULL ? &notice->wait : &setup->watch;
    struct other other = {.setup = setup, .notice = notice};
    struct edo_source source;
    pthread_t thread;
    bool is_first;

    other.from_ns = now(setup) + EDO_MS(20);
    arm(setup, &source, now(setup) + EDO_MS(260));
    ck_assert_int_eq(pthread_create(&thread, NULL, act, &other), 0);
    while (source.state != EDO_SOURCE_FIRED && first->state != EDO_SOURCE_FIRED)
        ck_assert_int_ge(edo_reactor_react(&setup->reactor, EDO_WAIT), 0);
    is_first = source.state == EDO_SOURCE_ARMED;
    pthread_join(thread, NULL);
    edo_source_disarm(&source);
    if (is_first)
        ck_assert_uint_eq(setup->reactor.pending, notice != NULL); /* the watch, no rehearsal */
    return is_first;
}

/* The second time the way to a task is to be rehearsed, which comes too late. */
START_TEST(an_fd_that_another_thread_writes_to_ends_it)
{
    bool has_come = false;

    for (int attempt = 0; attempt < 4 && !has_come; attempt++) {
        struct setup setup;

        set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(250)});
        if (_i == 1)
            setup.reactor.spin.vain_wake = edo_task_waker(NULL).wake;
        has_come = is_first(&setup, NULL);
        tear_down(&setup);
    }
    ck_assert(has_come);
}
END_TEST

START_TEST(a_notice_of_another_thread_ends_it)
{
    bool has_come = false;

    for (int attempt = 0; attempt < 4 && !has_come; attempt++) {
        struct setup setup;
        struct edo_remote remote;
        struct edo_notice notice;

        set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(250)});
        ck_assert_int_eq(edo_remote_open(&remote, &setup.reactor), 0);
        edo_notice_init(&notice, &remote);
        edo_reactor_wait(&setup.reactor, &notice.wait, -1, counting(&setup.counter));
        if (_i == 1)
            setup.reactor.spin.vain_wake = edo_task_waker(NULL).wake;
        has_come = is_first(&setup, &notice);
        edo_remote_close(&remote);
        tear_down(&setup);
    }
    ck_assert(has_come);
}
END_TEST

/* A task sleeps, another one waits for a notice, which comes when it may: before the sleep, while
 * the thread watches the clock or rehearses, or after the deadline. */
START_TEST(whenever_a_notice_comes_no_task_is_early_and_nothing_is_left)
{
    static struct setup setup; /* of which only the clock is used */
    struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel,
                                          .timer_state = &wheel,
                                          .spin_ns = EDO_US(500),
                                          .spin_percent = 100};
    struct edo_executor executor;
    struct edo_remote remote;

    ck_assert_int_eq(edo_executor_open(&executor, &options), 0);
    ck_assert_int_eq(edo_remote_open(&remote, &executor.reactor), 0);
    for (uint64_t i = 0; i < 100; i++) {
        struct edo_notice notice;
        struct edo_notified notified;
        struct edo_sleep sleep;
        struct edo_task tasks[2];
        struct other other = {.setup = &setup, .notice = &notice};
        uint64_t due_ns = now(&setup) + EDO_US(800);
        pthread_t thread;

        other.from_ns = now(&setup) + EDO_US(10) * i;
        edo_notice_init(&notice, &remote);
        edo_notified_init(&notified, &notice);
        edo_sleep_until_init(&sleep, due_ns);
        edo_task_init(&tasks[0], "sleeper", &sleep.future);
        edo_task_init(&tasks[1], "listener", &notified.future);
        ck_assert_int_eq(pthread_create(&thread, NULL, act, &other), 0);
        edo_executor_spawn(&executor, &tasks[1]);
        ck_assert_int_eq(edo_executor_block_on(&executor, &tasks[0]), 0);
        ck_assert_uint_ge(now(&setup), due_ns);
        ck_assert_int_eq(edo_executor_run(&executor), 0);
        ck_assert_uint_eq(executor.reactor.pending, 0);
        pthread_join(thread, NULL);
    }
    edo_remote_close(&remote);
    ck_assert_int_eq(edo_executor_close(&executor), 0);
}
END_TEST

/* --- Rehearsing ------------------------------------------------------------------------------- */

/* How often a task is polled that sleeps for 10 ms longer than the thread watches the clock. */
static uint32_t polls_of(uint64_t spin_ns, struct edo_trace *trace)
{
    struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel,
                                          .timer_state = &wheel,
                                          .spin_ns = spin_ns,
                                          .spin_percent = 100,
                                          .trace = trace};
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_task task;
    uint64_t due_ns;

    ck_assert_int_eq(edo_executor_open(&executor, &options), 0);
    due_ns = edo_clock_now(&executor.reactor.clock) + spin_ns + EDO_MS(10);
    edo_sleep_until_init(&sleep, due_ns);
    edo_task_init(&task, "sleeper", &sleep.future);
    ck_assert_int_eq(edo_executor_block_on(&executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&sleep.future), 0);
    ck_assert_uint_ge(edo_clock_now(&executor.reactor.clock), due_ns);
    ck_assert_uint_eq(executor.reactor.pending, 0);
    edo_executor_close(&executor);
    return executor.polls;
}

/* On a busy machine the thread may be woken too late, or not run in the last 20 us. */
START_TEST(a_task_is_polled_in_vain_before_its_deadline)
{
    bool is_rehearsed = false;

    for (int attempt = 0; attempt < 500 && !is_rehearsed; attempt++) {
        uint32_t polls = polls_of(EDO_MS(2), NULL);

        ck_assert_uint_ge(polls, 2);
        ck_assert_uint_le(polls, 3);
        is_rehearsed = polls == 3;
    }
    ck_assert(is_rehearsed);
}
END_TEST

START_TEST(shortly_before_the_deadline_there_is_no_time_for_that)
{
    for (int i = 0; i < 20; i++) {
        ck_assert_uint_eq(polls_of(EDO_US(7), NULL), 2);
        ck_assert_uint_le(polls_of(EDO_US(19), NULL), 3);
    }
}
END_TEST

START_TEST(what_is_traced_is_not_rehearsed)
{
    struct edo_trace_event events[256];
    struct edo_trace trace;

    for (int i = 0; i < 10; i++) {
        edo_trace_init(&trace, events, sizeof events / sizeof events[0]);
        ck_assert_uint_eq(polls_of(EDO_MS(2), &trace), 2);
    }
}
END_TEST

/* To who has a timer of his own, a call of its waker says that it has fired. */
START_TEST(a_waker_that_is_no_task_s_is_called_once)
{
    struct setup setup;
    struct edo_source source;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(2), .spin_percent = 100});
    setup.reactor.spin.vain_wake = edo_task_waker(NULL).wake;
    for (unsigned fired = 0; fired < 20; fired++) {
        arm(&setup, &source, now(&setup) + EDO_MS(5));
        while (source.state != EDO_SOURCE_FIRED) {
            ck_assert_uint_eq(setup.counter.wakes, fired);
            ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
        }
        ck_assert_uint_eq(setup.counter.wakes, fired + 1);
    }
    tear_down(&setup);
}
END_TEST

/* --- Opening ---------------------------------------------------------------------------------- */

START_TEST(what_is_measured_is_not_nothing)
{
    struct setup setup;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_SPIN_MEASURED});
    ck_assert_uint_gt(setup.reactor.spin.spin_ns, 0);
    ck_assert_uint_le(setup.reactor.spin.spin_ns, EDO_MS(1));
    tear_down(&setup);
}
END_TEST

START_TEST(the_latest_tenth_of_the_sleeps_is_left_out)
{
    uint64_t late_ns[32], two_ns[] = {5, 1};

    for (size_t i = 0; i < 32; i++)
        late_ns[i] = i % 11 == 6 ? EDO_MS(20) : EDO_US(40) + 4 * (i * 13 % 32);
    ck_assert_uint_eq(edo_spin_choose(late_ns, 32), 6 * (EDO_US(40) + 124));
    late_ns[0] = EDO_MS(20);
    ck_assert_uint_eq(edo_spin_choose(late_ns, 32), EDO_MS(1)); /* no longer */
    ck_assert_uint_eq(edo_spin_choose(late_ns, 1), 6 * (EDO_US(40) + 4));
    ck_assert_uint_eq(edo_spin_choose(two_ns, 1), 30);
}
END_TEST

/* What is measured where each of the twenty sleeps ends before its time. Its timerfd is fd 0, in a
 * program that was started without stdin. */
static uint64_t measured_early(void)
{
    static const struct edo_clock clock = {.is_virtual = false};
    struct edo_spin spin;
    uint64_t began_ns = edo_clock_now(&clock);

    close(STDIN_FILENO);
    wrap_begin(CALL_READ, 1, 20, EMPTY_READ);
    ck_assert_int_eq(edo_spin_open(&spin, EDO_SPIN_MEASURED, 25, 0), 0);
    ck_assert_uint_eq(wrap_failed(), 20);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 20);
    ck_assert_uint_gt(set_to(), began_ns + EDO_MS(1)); /* long enough for a CPU to fall asleep */
    wrap_end();
    ck_assert_int_eq(close(STDIN_FILENO), -1);
    return spin.spin_ns;
}

/* A timerfd that is read before its time says nothing about how late the kernel is. On a busy
 * machine the thread itself may be late. */
START_TEST(a_sleep_that_ends_early_is_not_late)
{
    bool is_late = true;

    for (int attempt = 0; attempt < 20 && is_late; attempt++)
        is_late = measured_early() > 0;
    ck_assert(!is_late);
}
END_TEST

START_TEST(an_error_while_it_measures_leaves_nothing_open)
{
    static const struct {
        enum wrapped call;
        unsigned nth;
        int error;
    } cases[] = {
        {CALL_TIMERFD_CREATE, 2, EMFILE}, /* the first is the wheel's */
        {CALL_TIMERFD_SETTIME, 1, EINVAL},
        {CALL_TIMERFD_SETTIME, 20, EINVAL},
        {CALL_READ, 1, EIO},
        {CALL_READ, 20, EIO},
    };
    struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {
        .timers = &edo_timer_wheel, .timer_state = &wheel, .spin_ns = EDO_SPIN_MEASURED};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct edo_reactor reactor;
        int fds = count_fds();

        wrap_begin(cases[i].call, cases[i].nth, 1, cases[i].error);
        ck_assert_int_eq(edo_reactor_open(&reactor, &options), -cases[i].error);
        ck_assert_uint_eq(wrap_failed(), 1);
        wrap_end();
        ck_assert_int_eq(count_fds(), fds);
        ck_assert_int_eq(edo_reactor_close(&reactor), 0);
        ck_assert_int_eq(count_fds(), fds);
    }
}
END_TEST

START_TEST(a_signal_while_it_measures_does_no_harm)
{
    struct setup setup;

    wrap_begin(CALL_READ, 1, 3, EINTR);
    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_SPIN_MEASURED});
    ck_assert_uint_eq(wrap_failed(), 3);
    wrap_end();
    tear_down(&setup);
}
END_TEST

/* --- Without effect --------------------------------------------------------------------------- */

START_TEST(a_timerfd_for_each_and_a_virtual_clock_know_nothing_of_it)
{
    static const uint64_t times_ns[] = {EDO_MS(1), EDO_SPIN_MEASURED};

    for (size_t i = 0; i < 2; i++) {
        struct edo_reactor_options options = {.spin_ns = times_ns[i]};
        struct setup setup;
        struct edo_source source;

        if (_i == 0)
            options.timers = &edo_timer_fd;
        options.is_virtual = _i == 1;
        wrap_begin_counting();
        set_up(&setup, options);
        ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0); /* nothing is measured */
        wrap_end();
        ck_assert_uint_eq(setup.reactor.spin.spin_ns, 0);
        arm(&setup, &source, now(&setup) + EDO_US(500));
        while (source.state != EDO_SOURCE_FIRED)
            ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
        ck_assert_uint_eq(setup.reactor.spin.spun_ns, 0);
        tear_down(&setup);
    }
}
END_TEST

/* Between its prepare and its react a loop that is not edo's waits: nobody watches the clock. */
START_TEST(a_loop_that_is_not_edo_s_is_woken_at_the_deadline)
{
    struct setup setup;
    struct edo_source source, soon;

    set_up(&setup, (struct edo_reactor_options){.spin_ns = EDO_MS(1), .spin_percent = 100});
    arm(&setup, &soon, now(&setup) + EDO_US(100)); /* after a sleep of edo's own, too */
    while (soon.state != EDO_SOURCE_FIRED)
        ck_assert_int_ge(edo_reactor_react(&setup.reactor, EDO_WAIT), 0);
    arm(&setup, &source, now(&setup) + EDO_S(60));
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_prepare(&setup.reactor), 0);
    wrap_end();
    ck_assert_uint_eq(set_to(), source.due_ns);
    tear_down(&setup);
}
END_TEST

Suite *spin_suite(void)
{
    Suite *suite = suite_create("spin");
    TCase *wake = tcase_create("wake");
    TCase *share = tcase_create("share");
    TCase *end = tcase_create("end");
    TCase *rehearsal = tcase_create("rehearsal");
    TCase *opening = tcase_create("opening");
    TCase *none = tcase_create("none");

    tcase_add_test(wake, the_thread_is_woken_so_long_before_the_deadline);
    tcase_add_test(wake, by_default_it_is_woken_at_the_deadline);
    tcase_add_test(wake, with_slack_it_is_woken_so_long_before_the_slack_ends);
    tcase_add_test(wake, a_time_beyond_all_measure_is_a_quarter_of_a_second);
    tcase_add_test(wake, without_a_timer_there_is_nothing_to_be_woken_for);
    tcase_add_test(wake, no_deadline_is_too_near_or_too_far);
    tcase_add_test(wake, a_deadline_too_near_to_sleep_for_sets_no_alarm);
    tcase_add_test(wake, however_near_the_deadline_the_fds_are_looked_at_first);
    tcase_add_test(wake, a_measured_time_doubles_when_a_sleep_was_later_than_that);
    tcase_add_test(wake, else_it_becomes_a_thousandth_shorter);
    tcase_add_test(wake, a_sleep_that_tells_nothing_does_not_change_it);
    tcase_add_test(wake, a_time_that_was_given_stays_as_it_is);
    tcase_add_test(wake, each_sleep_of_a_reactor_that_has_measured_is_asked);
    tcase_add_test(wake, where_the_thread_did_not_sleep_nothing_is_shown);
    suite_add_tcase(suite, wake);

    tcase_add_test(share, where_the_share_is_used_up_it_only_sleeps_until_enough_is_saved);
    tcase_add_test(share, a_quiet_hour_saves_no_more_than_a_quarter_of_a_second);
    tcase_add_test(share, by_default_it_may_use_a_quarter_of_a_cpu);
    tcase_add_test(share, a_share_of_a_whole_cpu_and_more_is_never_used_up);
    tcase_add_test(share, who_may_not_watch_the_clock_is_woken_at_the_deadline);
    suite_add_tcase(suite, share);

    tcase_add_loop_test(end, no_timer_is_early_and_the_thread_has_watched_the_clock, 0, 2);
    tcase_add_test(end, a_timer_that_was_moved_is_not_early);
    tcase_add_test(end, with_no_fd_to_look_at_only_the_timer_ends_it);
    tcase_add_test(end, while_it_watches_the_clock_it_looks_at_its_fds_once_in_ten_microseconds);
    tcase_add_loop_test(end, an_fd_that_another_thread_writes_to_ends_it, 0, 2);
    tcase_add_loop_test(end, a_notice_of_another_thread_ends_it, 0, 2);
    tcase_add_test(end, whenever_a_notice_comes_no_task_is_early_and_nothing_is_left);
    suite_add_tcase(suite, end);

    tcase_add_test(rehearsal, a_task_is_polled_in_vain_before_its_deadline);
    tcase_add_test(rehearsal, shortly_before_the_deadline_there_is_no_time_for_that);
    tcase_add_test(rehearsal, what_is_traced_is_not_rehearsed);
    tcase_add_test(rehearsal, a_waker_that_is_no_task_s_is_called_once);
    suite_add_tcase(suite, rehearsal);

    tcase_add_test(opening, what_is_measured_is_not_nothing);
    tcase_add_test(opening, the_latest_tenth_of_the_sleeps_is_left_out);
    tcase_add_test(opening, a_sleep_that_ends_early_is_not_late);
    tcase_add_test(opening, an_error_while_it_measures_leaves_nothing_open);
    tcase_add_test(opening, a_signal_while_it_measures_does_no_harm);
    suite_add_tcase(suite, opening);

    tcase_add_loop_test(none, a_timerfd_for_each_and_a_virtual_clock_know_nothing_of_it, 0, 2);
    tcase_add_test(none, a_loop_that_is_not_edo_s_is_woken_at_the_deadline);
    suite_add_tcase(suite, none);
    return suite;
}
