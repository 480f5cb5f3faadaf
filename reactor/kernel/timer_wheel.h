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
 * Whatever is in a lower level is due earlier than all in a higher one, and in a level the lower
 * slot is the earlier. A slot of level 0 is a single ns. When time comes to a slot of a higher
 * level, its timers move to lower ones; each does so once per level at most. Eleven levels hold 64
 * bits.
 *
 * Within a slot timers stand in the order in which they were armed, and they move in that order, so
 * equal deadlines keep it. Arming and disarming cost the same however many there are.
 *
 * Arming and disarming make no system call. The timerfd is set before the thread sleeps, to the
 * earliest deadline (or with slack, that rounded up), if that has become earlier or has come. It is
 * not searched for: each slot keeps its earliest deadline, also after that timer was disarmed. So
 * the sleep may end early, once, with nobody woken. */
#pragma once

#include "reactor.h"

enum { EDO_WHEEL_BITS = 6, EDO_WHEEL_SLOTS = 1 << EDO_WHEEL_BITS, EDO_WHEEL_LEVELS = 11 };

struct edo_wheel_slot {
    struct edo_list timers;
    uint64_t least_ns; /* the earliest deadline of all that came here since it was empty */
};

/* The timer_state of edo_timer_wheel, some 17 KB: the caller's, one for each reactor, for as long
 * as that is open. It need not be initialised. Opening fails with -EINVAL without a timer_state,
 * else as timerfd_create(2) and epoll_ctl(2) do. If timerfd_settime(2) fails, a timer of the slot
 * it was for is due, with the error. Its limit is memory, which is the callers'. */
struct edo_timer_wheel {
    uint64_t time_ns;  /* all timers that were due by then have been handed over */
    uint64_t alarm_ns; /* what the timerfd is set to; EDO_NEVER: nothing */
    int timerfd;
    uint64_t occupied[EDO_WHEEL_LEVELS]; /* a bit for each slot that is not empty */
    struct edo_wheel_slot slots[EDO_WHEEL_LEVELS * EDO_WHEEL_SLOTS]; /* level by level */
};
