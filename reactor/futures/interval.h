/* SPDX-License-Identifier: MIT */
/* interval.h - ticks at start + k * period, without drift.
 *
 *        +--------- edo_interval_next ---------+
 *        v                                     |
 *   EDO_START --poll--> INTERVAL_AWAITS_TICK --+--> EDO_DONE, or EDO_FAILED
 *
 * `future` is one tick. Await it, do the work, call edo_interval_next, and await it again: however
 * long the work takes, the next tick is due a period after the last one was, not after the work.
 *
 * If the work takes too long, ticks are missed. The policy says what becomes of them; its words and
 * rules are those of Tokio's MissedTickBehavior:
 *
 *   due     0    10   20   30   40   50   60  the work takes 25 after the first
 *   BURST   0        25,25 30   40   50   60  all of them, late ones at once
 *   DELAY   0           25   35   45          a period after the late one
 *   SKIP    0           25 30   40   50   60  those missed are left out
 *
 * A tick that is late by 5 ms or less does not count as missed: whatever the policy, the next one
 * is due a period after this one was due. Without that rule, a little lateness would make DELAY
 * drift.
 *
 * Result: the time when the tick was due, a uint64_t in ns on the runtime's clock. -EINVAL: the
 * period is 0; else as edo_sleep. Memory: the caller's; at an await it must not move. */
#pragma once

#include "sleep.h"

/* What becomes of ticks that were missed. */
enum edo_missed { EDO_MISSED_BURST, EDO_MISSED_DELAY, EDO_MISSED_SKIP };

struct edo_interval {
    struct edo_future future; /* the next tick, or the last one */
    uint64_t period_ns;       /* set by init */
    enum edo_missed missed;   /* set by init */
    bool is_planned;          /* next_ns is a time; else a duration from the next poll on */
    uint64_t next_ns;         /* when the next tick is due */
    uint64_t due_ns;          /* when the last tick was due */
    struct edo_sleep sleep;   /* valid at INTERVAL_AWAITS_TICK */
};

/* The first tick is due at once: `start` is the time of the first poll. */
void edo_interval_init(struct edo_interval *interval, uint64_t period_ns, enum edo_missed missed);

/* The first tick is due at `start_ns` on the runtime's clock. */
static inline void edo_interval_at_init(struct edo_interval *interval, uint64_t start_ns,
                                        uint64_t period_ns, enum edo_missed missed)
{
    edo_interval_init(interval, period_ns, missed);
    interval->is_planned = true;
    interval->next_ns = start_ns;
}

/* Makes `future` the next tick; after a tick that was cancelled or has failed, the same tick once
 * more. Where it is the next tick already, as after a reset, it does nothing. Not while a tick is
 * awaited (asserted; without asserts it does nothing). */
void edo_interval_next(struct edo_interval *interval);

/* Starts anew: the next tick is due a period from now, as with Tokio's reset. Before the first
 * poll, where the interval has no clock yet, it is due a period after that poll. Whoever awaits the
 * tick goes on awaiting it. */
void edo_interval_reset(struct edo_interval *interval);

/* The same with the next tick due at another time: at `next_ns` on the runtime's clock, or
 * `duration_ns` from now; a duration of 0 is at once. */
void edo_interval_reset_at(struct edo_interval *interval, uint64_t next_ns);
void edo_interval_reset_after(struct edo_interval *interval, uint64_t duration_ns);
