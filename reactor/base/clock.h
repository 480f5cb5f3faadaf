/* clock.h - the one clock by which a runtime arms and judges its deadlines.
 *
 * The real one is CLOCK_MONOTONIC, which no administrator and no leap second sets
 * (clock_gettime(2)). The virtual one begins at 0 and stands still until it is advanced, by the
 * reactor when nothing is ready or due, or by hand; so a program full of sleeps runs at once and in
 * the same order every time. A loop that waits for it to pass without sleeping waits for ever.
 *
 * Times are ns in uint64_t, absolute ones on this clock. Arithmetic saturates at EDO_NEVER: a sum
 * that does not fit means "never", not "long ago". */
#ifndef EDO_CLOCK_H
#define EDO_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define EDO_NS_PER_US UINT64_C(1000)
#define EDO_NS_PER_MS UINT64_C(1000000)
#define EDO_NS_PER_S UINT64_C(1000000000)

/* A deadline that is never reached. */
#define EDO_NEVER UINT64_MAX

/* Durations in ns, constant where n is. Too large an n, or a negative one, gives EDO_NEVER; one
 * that is not an integer doesn't compile (hence the "| 0"); one with side effects has them
 * twice. */
#define EDO_US(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_US)
#define EDO_MS(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_MS)
#define EDO_S(n) EDO_SATURATING_MULTIPLY(n, EDO_NS_PER_S)
#define EDO_SATURATING_MULTIPLY(n, unit) \
    ((uint64_t)((n) | 0) > EDO_NEVER / (unit) ? EDO_NEVER : (uint64_t)((n) | 0) * (unit))

struct edo_clock {
    bool is_virtual;
    uint64_t virtual_ns; /* the time, where the clock is virtual */
};

void edo_clock_init(struct edo_clock *clock, bool is_virtual);

/* The time now. Can't fail, and is no system call where the kernel offers its vDSO (vdso(7)). */
uint64_t edo_clock_now(const struct edo_clock *clock);

/* Virtual clocks only: it is `now_ns` now. A time already past changes nothing. */
void edo_clock_advance(struct edo_clock *clock, uint64_t now_ns);

/* The next multiple of `step_ns`, or `time_ns` if it is one. A step of 0 rounds nothing. */
static inline uint64_t edo_time_round_up(uint64_t time_ns, uint64_t step_ns)
{
    uint64_t over_ns = step_ns > 0 ? time_ns % step_ns : 0;

    if (over_ns == 0)
        return time_ns;
    return step_ns - over_ns > EDO_NEVER - time_ns ? EDO_NEVER : time_ns + (step_ns - over_ns);
}

static inline uint64_t edo_time_add(uint64_t time_ns, uint64_t duration_ns)
{
    return duration_ns > EDO_NEVER - time_ns ? EDO_NEVER : time_ns + duration_ns;
}

#endif
