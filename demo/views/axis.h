/* SPDX-License-Identifier: MIT */
/* axis.h - where the ticks of an axis of time stand, and what they are told in. */
#ifndef DEMO_AXIS_H
#define DEMO_AXIS_H

#include <stdint.h>

/* The distance of ticks on an axis of `total_ns`: 1, 2, 5, 10, 20, 50, ... ms, so that there are at
 * most `most` intervals, and at least one. */
uint64_t axis_step(uint64_t total_ns, unsigned most);

/* What its ticks are told in: ms, or s where each is whole and the last has two digits. */
uint64_t axis_unit(uint64_t total_ns, uint64_t step_ns);

#endif
