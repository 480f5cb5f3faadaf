/* SPDX-License-Identifier: MIT */
/* summary.h - the table at the end: what each phase should have taken, and what it took. */
#ifndef DEMO_SUMMARY_H
#define DEMO_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

enum phase { PHASE_SEQUENTIAL, PHASE_PARALLEL, PHASE_LOOP, PHASES };

struct summary {
    uint64_t ideal_ns[PHASES]; /* what its sleeps come to; one that failed was not slept */
    uint64_t began_ns[PHASES];
    uint64_t took_ns[PHASES];
    uint64_t one_by_one_ns; /* the parallel phase, had its tasks run one after another */
};

const char *summary_phase_name(enum phase phase);

/* An ideal of 0 to begin with. */
void summary_begin(struct summary *summary, enum phase phase);
void summary_end(struct summary *summary, enum phase phase);

/* CPU time of the whole process, from its start. */
double summary_cpu_ms(void);

/* `asleep_ns`: of `total_ns`, the time in epoll_wait. Where time is virtual, the real CPU time is
 * left out, so that every run prints the same. */
void summary_print(const struct summary *summary, uint64_t total_ns, uint64_t asleep_ns,
                   bool is_virtual);

#endif
