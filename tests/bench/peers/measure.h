/* SPDX-License-Identifier: MIT */
/* measure.h - clocks, seeded numbers, and what a process has used: shared by the programs that are
 * measured, and the bench that runs them. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Exit status: this peer can't do this, for want of fds, or because it has no such thing. */
#define MEASURE_CANNOT 77

/* Exit status: what this peer stands on is not on this machine, so it can do nothing at all. */
#define MEASURE_ABSENT 78

/* CLOCK_MONOTONIC. */
uint64_t measure_now(void);

struct usage {
    uint64_t cpu_ns;   /* CLOCK_PROCESS_CPUTIME_ID */
    uint64_t wakeups;  /* voluntary context switches: every sleep in the kernel is one */
    uint64_t peak_kib; /* VmHWM */
};

struct usage measure_usage(void);

/* splitmix64: the same numbers from the same seed, here and in tokio/src/main.rs. */
static inline uint64_t measure_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* One of 0 ... limit - 1, limit below 2^32. */
static inline uint64_t measure_below(uint64_t *seed, uint64_t limit)
{
    return ((measure_random(seed) >> 32) * limit) >> 32;
}

/* A line of output: a name and a number. */
void measure_print(const char *metric, double value);

/* p50_ns and p99_ns. Sorts `times_ns`. */
void measure_print_times(int64_t *times_ns, size_t count);

/* Early count, p50, p99, max, and each percentile as q0 ... q100. Sorts `late_ns`. */
void measure_print_lateness(int64_t *late_ns, size_t count);

#endif
