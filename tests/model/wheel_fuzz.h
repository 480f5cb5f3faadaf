/* SPDX-License-Identifier: MIT */
/* wheel_fuzz.h - the timing wheel against an oracle, an array that is kept sorted.
 *
 * Bytes are read as operations: arm, arm again, move, disarm, let time pass. After each, what was
 * woken and in which order is what the array says, and the wheel holds what the array holds, each
 * timer in its place. `make check` feeds it from a generator, `make fuzz` from libFuzzer. */
#ifndef TESTS_WHEEL_FUZZ_H
#define TESTS_WHEEL_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* How many operations it made; what differs is printed, and the program aborted. */
uint64_t wheel_fuzz(const uint8_t *data, size_t size);

#endif
