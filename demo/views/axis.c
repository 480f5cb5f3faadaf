/* SPDX-License-Identifier: MIT */
#include "axis.h"

#include "edo.h"

uint64_t axis_step(uint64_t total_ns, unsigned most)
{
    uint64_t step_ns = EDO_NS_PER_MS;
    uint64_t least_ns = total_ns / (most ? most : 1);

    for (unsigned i = 0; step_ns < least_ns; i++)
        step_ns = i % 3 == 1 ? step_ns / 2 * 5 : step_ns * 2;
    return step_ns;
}

uint64_t axis_unit(uint64_t total_ns, uint64_t step_ns)
{
    return total_ns >= EDO_S(10) && step_ns >= EDO_S(1) ? EDO_NS_PER_S : EDO_NS_PER_MS;
}
