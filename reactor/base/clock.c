/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */

#include "clock.h"

#include <time.h>

/* Read anew each time, never cached or coarse: a deadline computed from an old reading would lie in
 * the past, and its timer would be early. */
uint64_t edo_clock_now(const struct edo_clock *clock)
{
    struct timespec now;

    if (clock->is_virtual)
        return clock->virtual_ns;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * EDO_NS_PER_S + (uint64_t)now.tv_nsec;
}
