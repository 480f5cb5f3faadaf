/* SPDX-License-Identifier: MIT */
/* two_cpus.h - two threads, each on a cpu of its own: the first and the last of those that this
 * process has. tokio/src/bin/io.rs takes the same. */
#ifndef BENCH_TWO_CPUS_H
#define BENCH_TWO_CPUS_H

#include <stddef.h>

/* Ends the program with MEASURE_CANNOT where there is but one. */
void two_cpus_find(size_t cpus[2]);

/* From here on this thread runs there. */
void two_cpus_pin(size_t cpu);

#endif
