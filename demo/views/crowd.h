/* SPDX-License-Identifier: MIT */
/* crowd.h - many tasks at a glance: how many were in flight over time, and how late timers were. */
#ifndef DEMO_CROWD_H
#define DEMO_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "edo.h"

/* With more tasks than this, pictures show the crowd and not a row for each. */
enum { CROWD_FROM = 41, CROWD_COLUMNS = 200 };

struct crowd {
    unsigned in_flight[CROWD_COLUMNS]; /* the most at a time, in each column of the picture */
    unsigned most;
    size_t timers; /* that fired */
    uint64_t late_p50_ns;
    uint64_t late_p99_ns;
    uint64_t late_max_ns;
};

/* How many tasks were spawned. */
unsigned crowd_tasks(const struct edo_trace *trace);

/* Over `columns` equal spans of time, at most CROWD_COLUMNS. Not for an empty trace. */
void crowd_measure(struct crowd *crowd, const struct edo_trace *trace, unsigned columns);

#endif
