/* SPDX-License-Identifier: MIT */
/* timer_wheel.h - the timer driver with one timerfd for all: a million sleeps, no fd for each.
 *
 * The deadlines stand in a hierarchical timing wheel (G. Varghese, A. Lauck: "Hashed and
 * Hierarchical Timing Wheels", SOSP 1987) that is exact: it has no tick, and a deadline is a number
 * of ns in base 64. A timer's level is the highest digit in which its deadline differs from the
 * wheel's time, its slot is that digit:
 *
 *   time        ... 17  5 40 12
 *   deadline a  ... 17  5 40 13    level 0, slot 13: due in 1 ns
 *   deadline b  ... 17  9  0  0    level 2, slot 9
 *
 * All timers of a lower level are due before those of a higher level, and within a level those of a
 * lower slot before those of a higher one. A slot of level 0 is a single ns. When time comes to a
 * slot of a higher level, its timers move to lower levels; a timer moves at most once per level.
 * Eleven levels hold 64 bits.
 *
 * Within a slot timers stand in the order in which they were armed, and they move in that order. So
 * equal deadlines come due in the order of arming. Arming and disarming cost the same however many
 * timers there are.
 *
 * A timer that gets another deadline stays in its slot, unless it has to go to an earlier one. When
 * time comes to that slot, it moves to the one of its deadline.
 *
 * Arming and disarming make no system call. Before the thread sleeps, the timerfd is set to the
 * earliest deadline (with slack: as much later), unless it is set to that time or an earlier one,
 * which is still to come. The earliest deadline is not searched for: each slot remembers its own,
 * and does not forget it when that timer is disarmed or moved. So a sleep may once end too early,
 * with no waker called. */
#pragma once

#include "reactor.h"

/* A digit has EDO_WHEEL_BITS, so a level has EDO_WHEEL_SLOTS; there are EDO_WHEEL_LEVELS. */
enum { EDO_WHEEL_BITS = 6, EDO_WHEEL_SLOTS = 1 << EDO_WHEEL_BITS, EDO_WHEEL_LEVELS = 11 };

struct edo_wheel_slot {
    struct edo_list timers; /* in the order of arming */
    uint64_t least_ns;      /* the earliest deadline that came here since the slot was empty */
};

/* The timer_state of edo_timer_wheel, some 17 KB. It is the caller's, one for each reactor, must
 * stay while the reactor is open, and need not be initialised. If timerfd_settime(2) fails, the
 * first timer is due, with that error. The only limit is memory.
 *
 * Result of edo_reactor_open: 0, or -errno. -EINVAL: there is no timer_state; else as
 * timerfd_create(2), epoll_ctl(2). */
struct edo_timer_wheel {
    uint64_t time_ns;  /* every timer with a deadline up to this time has been made due */
    uint64_t alarm_ns; /* what the timerfd is set to; EDO_NEVER: nothing */
    int timerfd;       /* the one for all timers */
    unsigned levels;   /* a bit for each level that is not empty */
    uint64_t occupied[EDO_WHEEL_LEVELS]; /* a bit for each slot that is not empty */
    struct edo_wheel_slot slots[EDO_WHEEL_LEVELS * EDO_WHEEL_SLOTS]; /* level by level */
};
