/* SPDX-License-Identifier: MIT */
/* summary.h - the table at the end: what each phase should have taken, and what it took. */
#ifndef DEMO_SUMMARY_H
#define DEMO_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "edo.h"

enum phase { PHASE_SEQUENTIAL, PHASE_PARALLEL, PHASE_LOOP, PHASES };

struct summary {
    enum phase phase;          /* the one that is under way */
    uint64_t sum_ns[PHASES];   /* what its sleeps come to, one after another; a failed one to 0 */
    uint64_t ideal_ns[PHASES]; /* the same, side by side in the parallel phase */
    uint64_t began_ns[PHASES];
    uint64_t took_ns[PHASES];
};

/* A phase ends where the next begins. A heading, and a mark in the trace. */
void summary_begin(struct summary *summary, enum phase phase, struct edo_context *cx);
void summary_end(struct summary *summary);

/* The phase under way has slept for so long. */
void summary_add(struct summary *summary, uint64_t slept_ns);

/* With --spin, before the run: what the host takes from this machine is counted from here on. */
void summary_count_stolen(void);

/* CPU time of the whole process, from its start. */
double summary_cpu_ms(void);

/* Now, at the end of the run, from what the reactor has recorded. `late` is how late the latest
 * timer of a phase was. No phase is shorter than its sleeps: it begins before the first of them is
 * armed, ends after the last was woken, and one that failed counts as nothing. Where time is
 * virtual, the real CPU time is left out, so that every run prints the same. With --spin it says
 * for how long the thread has watched the clock. */
void summary_print(const struct summary *summary, const struct edo_reactor *reactor);

/* Of a run with --spin, without a line break: "watched the clock 0.1 % of the time"; and, if the
 * host has taken some of the CPUs meanwhile and the kernel tells it, ", stolen by the machine 10
 * ms", with `before` behind the comma. */
void summary_print_watched(const struct edo_reactor *reactor, uint64_t total_ns);
void summary_print_stolen(const char *before);

#endif
