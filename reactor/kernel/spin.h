/* SPDX-License-Identifier: MIT */
/* spin.h - punctual past the kernel: when a reactor watches the clock instead of sleeping.
 *
 *      the thread sleeps       the timerfd       watches the clock   deadline
 *   ---------------------------|-- wakes up late --|-----------------|
 *                              <------------ spin_ns --------------->
 *
 * A kernel wakes a thread some 10 to 100 us late. So the thread has itself woken that long before a
 * deadline, and reads the clock until it has come. That takes CPU time, of which it may use a
 * share: what is not used is saved up, and where nothing is left it sleeps as without.
 *
 * How late the kernel is depends on the machine, and on what else it does at the time. A spin_ns
 * that was measured is only where it begins: each sleep shows whether it was long enough.
 *
 * While it was asleep the CPU has lost from its caches what leads from a timer to its task. So, if
 * there is time enough before the deadline, all of that is rehearsed: a timer of the reactor's own
 * comes due, and wakes the task that is next, which is polled and finds its own timer pending.
 *
 * Not for users: the options are those of edo_reactor_open. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/clock.h"
#include "source.h"

struct edo_spin {
    uint64_t spin_ns;            /* so long before a deadline; 0: it never does */
    uint64_t spun_ns;            /* how long it has watched the clock, in all */
    uint64_t left_ns;            /* how long it still may */
    uint64_t since_ns;           /* until when the share has been added to that */
    uint64_t wake_ns;            /* when the kernel is to end this sleep; EDO_NEVER: for no timer */
    unsigned percent;            /* 1 to 100 */
    bool is_on;                  /* in this sleep */
    bool follows;                /* spin_ns changes with what the sleeps show */
    struct edo_source rehearsal; /* the reactor's own timer */
    void (*vain_wake)(void *data, struct edo_cause cause); /* of wakers that bear to be called in
                                                              vain; NULL: nothing is rehearsed */
};

/* Sets `spin` up; for EDO_SPIN_MEASURED it measures first. Returns 0, or then -errno as
 * timerfd_create(2), timerfd_settime(2), read(2). */
int edo_spin_open(struct edo_spin *spin, uint64_t spin_ns, unsigned percent, uint64_t now_ns);

/* What is measured so. Returns a spin_ns for sleeps that were late by these times, and sorts
 * them. */
uint64_t edo_spin_choose(uint64_t *late_ns, size_t count);

/* Before a sleep, where spin_ns is not 0: whether the thread will spin at its end. */
void edo_spin_begin(struct edo_spin *spin, uint64_t now_ns);

/* Returns when the kernel is to wake the thread for a deadline, which has not passed. EDO_NEVER:
 * there is none, and then it is not to; now_ns: it is too near to be slept for. */
static inline uint64_t edo_spin_wake(struct edo_spin *spin, uint64_t now_ns, uint64_t due_ns)
{
    if (!spin->is_on || due_ns == EDO_NEVER)
        return due_ns;
    spin->wake_ns = due_ns - now_ns > spin->spin_ns ? due_ns - spin->spin_ns : now_ns;
    return spin->wake_ns;
}

/* After a sleep that was one, which ended at `woken_ns`, and its spin: from the next on twice as
 * long if the thread was woken later than it was to spin, else a thousandth shorter. In the long
 * run one of 1000 * ln 2, some 700, is woken too late so. */
void edo_spin_follow(struct edo_spin *spin, uint64_t woken_ns);

/* After it has spun so long. */
void edo_spin_end(struct edo_spin *spin, uint64_t spun_ns);
