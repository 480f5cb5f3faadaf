/* SPDX-License-Identifier: MIT */
/* bytes.h - random programs of reads and writes over socketpairs and pipes, held against a model of
 * bytes.
 *
 * The model: what flows is a row of bytes that can be computed, and two counters say how many of
 * them were written and received by what the operations say of themselves (`done`, `length`). So a
 * byte that is lost, comes twice or out of order is the wrong one at its place, and a `done` that
 * is wrong after a cancel or a timeout makes all that follow wrong. IO6.
 *
 * Meanwhile calls move less than they could, or nothing, with EINTR or EAGAIN; or under a schedule
 * (schedule.h), as that says. */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <stdint.h>

/* Makes the program of that seed, runs it, and fails the test if it is not as the model says. How
 * many steps it took. */
uint64_t bytes_run(uint64_t seed, int variant);

#endif
