/* SPDX-License-Identifier: MIT */
#include "ticks.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

/* No CPU has so many cycles in a ns. More is a counter that was set back, as when a machine has
 * slept or a virtual one has moved. */
enum { MOST_PER_NS = 100 };

/* CPUID leaf 0x80000007, bit 8 of edx. */
static bool has_constant_counter(void)
{
#if defined(__x86_64__) || defined(__i386__)
    unsigned eax, ebx, ecx, edx = 0; /* it stays 0 where there is no such leaf */

    __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx);
    return (edx >> 8 & 1) != 0;
#else
    return false;
#endif
}

void edo_ticks_init(struct edo_ticks *ticks, const struct edo_clock *clock)
{
    *ticks = (struct edo_ticks){.are_cycles = !clock->is_virtual && has_constant_counter(),
                                .are_virtual = clock->is_virtual};
}

void edo_ticks_start(struct edo_ticks *ticks, uint64_t now_ns, uint64_t limit_ns)
{
    uint64_t now = ticks->are_cycles ? EDO_CYCLES() : now_ns;
    uint64_t elapsed = now - ticks->start;
    uint64_t elapsed_ns = now_ns - ticks->start_ns;

    /* Too short a time measures nothing but the measuring, too long a time overflows. */
    if (!ticks->are_cycles)
        ticks->per_limit = ticks->are_virtual ? 0 : limit_ns;
    else if (elapsed_ns - EDO_US(1) < EDO_S(1))
        ticks->per_limit =
            elapsed / MOST_PER_NS <= elapsed_ns ? elapsed * limit_ns / elapsed_ns : 0;
    else if (elapsed_ns < EDO_US(1) && elapsed >= ticks->per_limit)
        return; /* there is no rate yet, or a wrong one: it takes more time to measure it */
    ticks->start = now;
    ticks->start_ns = now_ns;
}
