/* SPDX-License-Identifier: MIT */
/* ticks.h - has a certain time passed since a start? The question is asked often, so it must be
 * cheap; the answer may be rough.
 *
 * Reading the clock takes 21 ns (measured on a virtual machine), the cycle counter of the CPU 9.
 * The counter is used where its rate is constant: on x86 the invariant TSC (Intel SDM, volume 3,
 * "Invariant TSC"). How many cycles a ns takes is measured by the clock, from each start to the
 * next, or over several that come within a us. Elsewhere a tick is a ns of the clock. On a virtual
 * clock, where real time means nothing, the answer is always yes. */
#pragma once

#include "clock.h"

void edo_ticks_init(struct edo_ticks *ticks, const struct edo_clock *clock);

/* Starts anew, at the time `now_ns`. `limit_ns`: how long edo_ticks_have_passed says no. */
void edo_ticks_start(struct edo_ticks *ticks, uint64_t now_ns, uint64_t limit_ns);

#if defined(__x86_64__) || defined(__i386__)
#define EDO_CYCLES() __builtin_ia32_rdtsc()
#else
#define EDO_CYCLES() UINT64_C(0)
#endif

/* Whether the limit has passed since the last start. */
static inline bool edo_ticks_have_passed(const struct edo_ticks *ticks,
                                         const struct edo_clock *clock)
{
    uint64_t now = ticks->are_cycles ? EDO_CYCLES() : edo_clock_now(clock);

    return now - ticks->start >= ticks->per_limit;
}
