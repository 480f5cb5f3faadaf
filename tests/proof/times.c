/* SPDX-License-Identifier: MIT */
/* times.c - arithmetic with times: any times of 64 bits. */
#include "base/clock.h"
#include "base/ticks.c"
#include "futures/interval.c"
#include "kernel/spin.c"
#include "kernel/timer_fd.c"
#include "kernel/timer_wheel.c"

#include "proof.h"

void add_saturates(void)
{
    uint64_t time_ns = nondet_u64(), duration_ns = nondet_u64();
    uint64_t sum_ns = edo_time_add(time_ns, duration_ns);

    ALWAYS(sum_ns >= time_ns && sum_ns >= duration_ns, "never before what was added to");
    ALWAYS(sum_ns == EDO_NEVER || sum_ns - time_ns == duration_ns, "the sum, or never");
    ALWAYS(sum_ns != EDO_NEVER || duration_ns >= EDO_NEVER - time_ns,
           "never only if it is past all");
}

/* That the product fits, where n is no more than the most, is plain. */
void durations_saturate(void)
{
    const uint64_t most_us = EDO_NEVER / 1000, most_ms = most_us / 1000, most_s = most_ms / 1000;
    uint64_t n = nondet_u64();
    int negative = nondet_int();

    assume(negative < 0);
    ALWAYS(EDO_US(n) == (n > most_us ? EDO_NEVER : n * EDO_NS_PER_US), "n us, or never");
    ALWAYS(EDO_MS(n) == (n > most_ms ? EDO_NEVER : n * EDO_NS_PER_MS), "n ms, or never");
    ALWAYS(EDO_S(n) == (n > most_s ? EDO_NEVER : n * EDO_NS_PER_S), "n s, or never");
    ALWAYS(EDO_US(negative) == EDO_NEVER && EDO_MS(negative) == EDO_NEVER &&
               EDO_S(negative) == EDO_NEVER,
           "a negative number is never");
}

void round_up_is_never_early(void)
{
    uint64_t time_ns = nondet_u64(), step_ns = nondet_u64();
    uint64_t up_ns = edo_time_round_up(time_ns, step_ns);

    ALWAYS(up_ns >= time_ns, "not before");
    ALWAYS(step_ns == 0 ? up_ns == time_ns : up_ns == EDO_NEVER || up_ns - time_ns < step_ns,
           "by less than a step");
}

/* Two divisions by what is not known are too much for 64 bits. */
void round_up_is_a_multiple(void)
{
    uint64_t time_ns = nondet_u8(), step_ns = nondet_u8();

    assume(step_ns > 0);
    ALWAYS(edo_time_round_up(time_ns, step_ns) % step_ns == 0, "a multiple of the step");
}

/* The kernel's: what the timerfd was set to, and how. */
enum { TIMERFD = 7 };

static struct itimerspec alarm_set;
static int alarm_flags;
static unsigned settings;

int timerfd_settime(int fd, int flags, const struct itimerspec *spec, struct itimerspec *before)
{
    ALWAYS(before == NULL && fd == TIMERFD, "the timerfd is set");
    alarm_set = *spec;
    alarm_flags = flags;
    settings++;
    errno = EINVAL;
    return nondet_bool() ? 0 : -1;
}

static bool is_nothing(const struct timespec *time)
{
    return time->tv_sec == 0 && time->tv_nsec == 0;
}

static bool is_taken(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && (uint64_t)time->tv_nsec < EDO_NS_PER_S;
}

/* That the two are the time again is C's promise of / and %; two divisions to compare are too much
 * for 64 bits. */
void alarm_is_taken(void)
{
    static struct edo_timer_wheel wheel = {.timerfd = TIMERFD};
    static struct edo_reactor reactor = {.timer_state = &wheel};
    uint64_t time_ns = nondet_u64();
    int error;

    assume(time_ns > 0); /* 0 means "disarm"; the wheel is set to what is still to come */
    error = wheel_set_alarm(&reactor, time_ns);
    ALWAYS(alarm_flags == TFD_TIMER_ABSTIME, "a deadline");
    ALWAYS(is_taken(&alarm_set.it_value), "what timerfd_settime takes");
    ALWAYS(is_nothing(&alarm_set.it_value) == (time_ns == EDO_NEVER),
           "set to nothing for never, and only then");
    ALWAYS(error || wheel.alarm_ns == time_ns, "the wheel knows to what it is set");
}

/* --- A timerfd for each timer ----------------------------------------------------------------- */

/* What the contract of a timer driver promises: a deadline that is still to come. */
static void make_timer(struct edo_source *source, struct edo_reactor *reactor, uint64_t now_ns)
{
    reactor->slack_ns = nondet_u64();
    reactor->clock.is_virtual = nondet_bool();
    source->reactor = reactor;
    source->is_relative = nondet_bool();
    source->due_ns = nondet_u64();
    assume(source->due_ns > now_ns && source->due_ns != EDO_NEVER);
}

void timer_is_never_early(void)
{
    static struct edo_reactor reactor;
    static struct edo_source source;
    uint64_t now_ns = nondet_u64(), time_ns, late_ns;
    int flags;

    make_timer(&source, &reactor, now_ns);
    flags = fd_setting(&source, now_ns, &time_ns);
    ALWAYS(flags == (source.is_relative && reactor.slack_ns == 0 ? 0 : TFD_TIMER_ABSTIME),
           "set as a duration if it was armed so, and without slack");
    if (flags == 0) {
        ALWAYS(time_ns == source.due_ns - now_ns, "the duration until it is due");
        return;
    }
    late_ns = time_ns - source.due_ns;
    ALWAYS(time_ns >= source.due_ns, "not before it is due");
    ALWAYS(late_ns == 0 || time_ns == EDO_NEVER || late_ns < reactor.slack_ns,
           "later by less than the slack");
}

static unsigned registered, closed;

int timerfd_create(int clock, int flags)
{
    ALWAYS(clock == CLOCK_MONOTONIC && flags == (TFD_CLOEXEC | TFD_NONBLOCK), "edo's clock");
    errno = EMFILE;
    return nondet_bool() ? TIMERFD : -1;
}

int edo_reactor_register(struct edo_source *source, uint32_t events)
{
    ALWAYS(source->fd == TIMERFD && events == EPOLLIN, "the timerfd is watched");
    if (nondet_bool())
        return -ENOSPC;
    registered++;
    return 0;
}

int close(int fd)
{
    ALWAYS(fd == TIMERFD, "the timerfd is closed");
    closed++;
    return 0;
}

void timer_is_never_set_to_nothing(void)
{
    static struct edo_reactor reactor;
    static struct edo_source source;
    uint64_t now_ns = nondet_u64();
    int error;

    make_timer(&source, &reactor, now_ns);
    settings = registered = closed = 0;
    error = fd_arm(&source, now_ns);
    ALWAYS(settings == 0 || !is_nothing(&alarm_set.it_value),
           "not set to nothing: it would be off");
    ALWAYS(settings == 0 || is_taken(&alarm_set.it_value), "what timerfd_settime takes");
    ALWAYS(is_nothing(&alarm_set.it_interval), "it fires once");
    ALWAYS(error < 0 || (registered == 1 && settings == !reactor.clock.is_virtual && closed == 0),
           "armed: it is watched, and set, on the real clock");
    ALWAYS(error == 0 || (registered == 0 && closed == (source.fd >= 0)),
           "refused: nothing is left open");
}

/* So far as two divisions can be compared. */
void timer_is_set_to_its_time(void)
{
    static struct edo_reactor reactor;
    static struct edo_source source;
    uint64_t now_ns = nondet_u64(), time_ns;
    int flags;

    make_timer(&source, &reactor, now_ns);
    reactor.slack_ns = 0;
    reactor.clock.is_virtual = false;
    flags = fd_setting(&source, now_ns, &time_ns);
    assume(time_ns < 16 * EDO_NS_PER_S);
    settings = 0;
    fd_arm(&source, now_ns);
    ALWAYS(settings == 0 || alarm_flags == flags, "as a duration, or as a deadline");
    ALWAYS(settings == 0 || (uint64_t)alarm_set.it_value.tv_sec * EDO_NS_PER_S +
                                    (uint64_t)alarm_set.it_value.tv_nsec ==
                                time_ns,
           "the seconds and ns of it");
}

/* --- Spinning, ticks, intervals --------------------------------------------------------------- */

/* When a thread that spins wants to be woken, for a deadline that has not passed. */
void spin_wakes_in_time(void)
{
    struct edo_spin spin;
    uint64_t now_ns = nondet_u64(), due_ns = nondet_u64(), wake_ns;

    assume(now_ns <= due_ns);
    wake_ns = edo_spin_wake(&spin, now_ns, due_ns);
    ALWAYS(now_ns <= wake_ns && wake_ns <= due_ns, "between now and the deadline");
    ALWAYS(wake_ns == due_ns || due_ns - wake_ns <= spin.spin_ns, "no sooner than it may spin");
    ALWAYS(due_ns != EDO_NEVER || wake_ns == EDO_NEVER, "not woken for what never comes");
}

/* The invariant of what is left of the share. */
static bool is_within_share(const struct edo_spin *spin)
{
    return spin->left_ns <= MOST_SAVED && spin->percent >= 1 && spin->percent <= MOST_PERCENT;
}

void spin_keeps_to_its_share(void)
{
    struct edo_spin spin;
    uint64_t now_ns = nondet_u64();

    assume(is_within_share(&spin) && spin.since_ns <= now_ns);
    edo_spin_begin(&spin, now_ns);
    ALWAYS(is_within_share(&spin), "no more than can be saved");
    ALWAYS(!spin.is_on || spin.spin_ns <= spin.left_ns, "it spins only if enough is left");
    edo_spin_end(&spin, nondet_u64());
    ALWAYS(is_within_share(&spin) && !spin.is_on, "less is left");
}

void spin_saves_no_more_than_its_share(void)
{
    struct edo_spin spin;
    uint64_t passed_ns = nondet_u16(), before_ns;

    assume(is_within_share(&spin) && spin.since_ns <= EDO_NEVER - passed_ns);
    before_ns = spin.left_ns;
    edo_spin_begin(&spin, spin.since_ns + passed_ns);
    ALWAYS(spin.left_ns <= before_ns + passed_ns, "no more is added than time has passed");
}

unsigned long long __builtin_ia32_rdtsc(void)
{
    return nondet_u64();
}

/* Between two ticks of the counter is at most what 64 bits hold; no division by 0. */
void ticks_start_has_no_bad_division(void)
{
    struct edo_ticks ticks;

    edo_ticks_start(&ticks, nondet_u64(), EDO_US(10));
    ALWAYS(!ticks.are_virtual || ticks.are_cycles || ticks.per_limit == 0,
           "on a virtual clock the limit has always passed");
}

/* The tick that was due has passed: when is the next? */
void interval_does_not_drift(void)
{
    struct edo_interval interval;
    uint64_t now_ns = nondet_u64();

    assume(interval.period_ns > 0 && interval.due_ns <= now_ns);
    assume(interval.missed <= EDO_MISSED_SKIP);
    plan_next(&interval, now_ns);
    ALWAYS(interval.next_ns == EDO_NEVER || interval.next_ns > interval.due_ns, "after this one");
    if (interval.missed == EDO_MISSED_BURST)
        ALWAYS(interval.next_ns == edo_time_add(interval.due_ns, interval.period_ns),
               "a period after the one before");
    if (interval.missed == EDO_MISSED_DELAY && now_ns - interval.due_ns > INTERVAL_GRACE)
        ALWAYS(interval.next_ns == edo_time_add(now_ns, interval.period_ns), "a period from now");
    if (interval.missed == EDO_MISSED_SKIP && now_ns - interval.due_ns > INTERVAL_GRACE)
        ALWAYS(interval.next_ns == EDO_NEVER ||
                   (interval.next_ns > now_ns && interval.next_ns - now_ns <= interval.period_ns),
               "within a period from now");
}
