#include "clock.h"

#include <assert.h>
#include <time.h>

void edo_clock_init(struct edo_clock *clock, bool is_virtual)
{
    *clock = (struct edo_clock){.is_virtual = is_virtual};
}

/* Read afresh each time, never cached or coarse: a stale reading would make a deadline computed
 * from it lie in the past, and its timer early. */
uint64_t edo_clock_now(const struct edo_clock *clock)
{
    struct timespec now;

    if (clock->is_virtual)
        return clock->virtual_ns;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * EDO_NS_PER_S + (uint64_t)now.tv_nsec;
}

void edo_clock_advance(struct edo_clock *clock, uint64_t now_ns)
{
    assert(clock->is_virtual);
    if (clock->virtual_ns < now_ns)
        clock->virtual_ns = now_ns;
}
