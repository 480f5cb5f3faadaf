/* SPDX-License-Identifier: MIT */
/* clock.h - the one clock by which a runtime arms and judges its deadlines.
 *
 * The real clock is CLOCK_MONOTONIC, which neither an administrator nor a leap second sets
 * (clock_gettime(2)). The virtual clock begins at 0 and stands still until it is advanced: by the
 * reactor when no task is ready, or by hand. So a program full of sleeps runs at once and in the
 * same order every time. A loop that reads the virtual clock again and again, without a sleep,
 * waits for ever.
 *
 * Times are ns in uint64_t, absolute times are times of this clock. Arithmetic saturates at
 * EDO_NEVER: a sum that does not fit means "never", not "long ago". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How many ns a us, a ms and a second have. */
#define EDO_NS_PER_US UINT64_C(1000)
#define EDO_NS_PER_MS UINT64_C(1000000)
#define EDO_NS_PER_S UINT64_C(1000000000)

/* A deadline that is never reached. */
#define EDO_NEVER UINT64_MAX

/* Durations in ns, constant where n is constant. An n that is too large or negative gives
 * EDO_NEVER. An n that is not an integer does not compile (hence the "| 0"). An n with side effects
 * is evaluated twice. */
#define EDO_US(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_US)
#define EDO_MS(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_MS)
#define EDO_S(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_S)
#define EDO_SATURATING_MULTIPLY(n, unit) \
    ((uint64_t)((n) | 0) > EDO_NEVER / (unit) ? EDO_NEVER : (uint64_t)((n) | 0) * (unit))

struct edo_clock {
    bool is_virtual;     /* it stands still until it is advanced */
    uint64_t virtual_ns; /* the time, where the clock is virtual */
};

/* Roughly how much time has passed since a start (ticks.h). Only the runtime may touch it. */
struct edo_ticks {
    bool are_cycles;    /* a tick is a cycle of the CPU; else a ns of the clock */
    bool are_virtual;   /* the clock is virtual, and the limit has always passed */
    uint64_t start;     /* the ticks at the last start */
    uint64_t start_ns;  /* the time of the last start */
    uint64_t per_limit; /* the limit in ticks; 0: not known yet, it has always passed */
};

/* The time now, in ns. No system call where the kernel offers its vDSO (vdso(7)). */
uint64_t edo_clock_now(const struct edo_clock *clock);

/* Virtual clocks only: sets the time to `now_ns`. A time that has passed changes nothing. */
static inline void edo_clock_advance(struct edo_clock *clock, uint64_t now_ns)
{
    if (clock->virtual_ns < now_ns)
        clock->virtual_ns = now_ns;
}

/* Returns the sum, or EDO_NEVER where it does not fit. */
static inline uint64_t edo_time_add(uint64_t time_ns, uint64_t duration_ns)
{
    return duration_ns > EDO_NEVER - time_ns ? EDO_NEVER : time_ns + duration_ns;
}

/* The first multiple of `step_ns` from `time_ns` on; with a step of 0, `time_ns` itself. */
static inline uint64_t edo_time_round_up(uint64_t time_ns, uint64_t step_ns)
{
    uint64_t over_ns = step_ns > 0 ? time_ns % step_ns : 0;

    return over_ns > 0 ? edo_time_add(time_ns, step_ns - over_ns) : time_ns;
}
