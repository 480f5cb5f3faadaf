/* SPDX-License-Identifier: MIT */
#include "two_cpus.h"

#include <sched.h>
#include <stdlib.h>

#include "measure.h"

void two_cpus_find(size_t cpus[2])
{
    cpu_set_t set;
    size_t count = 0;

    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set))
            cpus[count++ > 0] = cpu;
    if (count < 2)
        exit(MEASURE_CANNOT);
}

void two_cpus_pin(size_t cpu)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}
