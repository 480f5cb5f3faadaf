/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* CLOCK_MONOTONIC */

#include "spin.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "reactor.h"

/* A busy second may use all that a quiet one has left over, but no more. */
#define MOST_SAVED EDO_MS(250)

/* Long enough for an idle CPU to fall into the sleep from which it wakes up latest. */
#define MEASURED_SLEEP EDO_MS(4)

/* A thread that is woken later than this did not get the CPU: to spin for so long would be of no
 * use, and would take it from others. */
#define MOST_MEASURED EDO_MS(1)

enum { MEASURED_SLEEPS = 20, DEFAULT_PERCENT = 25, MOST_PERCENT = 100 };

/* How late the kernel ends a sleep. 0 or -errno. */
static int measure_once(int timerfd, uint64_t *late_ns)
{
    static const struct edo_clock clock = {.is_virtual = false};
    uint64_t due_ns = edo_clock_now(&clock) + MEASURED_SLEEP;
    struct itimerspec spec = {.it_value = {.tv_sec = (time_t)(due_ns / EDO_NS_PER_S),
                                           .tv_nsec = (long)(due_ns % EDO_NS_PER_S)}};
    uint64_t expirations, now_ns;
    ssize_t size;

    if (timerfd_settime(timerfd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
        return -errno;
    do
        size = read(timerfd, &expirations, sizeof expirations);
    while (size < 0 && errno == EINTR);
    now_ns = edo_clock_now(&clock);
    *late_ns = now_ns > due_ns ? now_ns - due_ns : 0;
    return size < 0 ? -errno : 0;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Six times the latest but for one of ten, whose lateness says little of other sleeps. With three
 * times that, the second latest of 64 was late by 4.2 us (24 runs, upper quartile 57); with six by
 * 2.1 (3.6), for another 0.6 % of a CPU. */
uint64_t edo_spin_choose(uint64_t *late_ns, size_t count)
{
    size_t chosen = count - 1 - count / 10;

    for (size_t i = 1; i < count; i++)
        for (size_t at = i; at > 0 && late_ns[at - 1] > late_ns[at]; at--) {
            uint64_t earlier_ns = late_ns[at];

            late_ns[at] = late_ns[at - 1];
            late_ns[at - 1] = earlier_ns;
        }
    return least_of(6 * late_ns[chosen], MOST_MEASURED);
}

static int measure(uint64_t *spin_ns)
{
    int timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    uint64_t late_ns[MEASURED_SLEEPS];
    int error = timerfd < 0 ? -errno : 0;

    for (int i = 0; i < MEASURED_SLEEPS && !error; i++)
        error = measure_once(timerfd, &late_ns[i]);
    if (timerfd >= 0)
        close(timerfd);
    *spin_ns = error ? 0 : edo_spin_choose(late_ns, MEASURED_SLEEPS);
    return error;
}

int edo_spin_open(struct edo_spin *spin, uint64_t spin_ns, unsigned percent, uint64_t now_ns)
{
    bool is_measured = spin_ns == EDO_SPIN_MEASURED;
    int error = is_measured ? measure(&spin_ns) : 0;

    if (percent == 0)
        percent = DEFAULT_PERCENT;
    *spin = (struct edo_spin){.spin_ns = least_of(spin_ns, MOST_SAVED),
                              .left_ns = MOST_SAVED,
                              .since_ns = now_ns,
                              .percent = (unsigned)least_of(percent, MOST_PERCENT),
                              .follows = is_measured};
    edo_source_init(&spin->rehearsal);
    return error;
}

void edo_spin_begin(struct edo_spin *spin, uint64_t now_ns)
{
    uint64_t saved_ns =
        edo_time_add(spin->left_ns, (now_ns - spin->since_ns) / 100 * spin->percent);

    spin->left_ns = least_of(saved_ns, MOST_SAVED);
    spin->since_ns = now_ns;
    spin->is_on = spin->left_ns >= spin->spin_ns;
    spin->wake_ns = EDO_NEVER;
}

void edo_spin_follow(struct edo_spin *spin, uint64_t woken_ns)
{
    if (!spin->follows || woken_ns < spin->wake_ns || woken_ns - spin->wake_ns > MOST_MEASURED)
        return;
    if (woken_ns - spin->wake_ns > spin->spin_ns)
        spin->spin_ns = least_of(2 * spin->spin_ns, MOST_MEASURED);
    else
        spin->spin_ns -= spin->spin_ns / 1000;
}

void edo_spin_end(struct edo_spin *spin, uint64_t spun_ns)
{
    spin->is_on = false;
    spin->spun_ns += spun_ns;
    spin->left_ns -= least_of(spun_ns, spin->left_ns);
}
