/* SPDX-License-Identifier: MIT */
/* crowd.h - many tasks at a glance: how many were in flight over time, how late their timers were,
 * and by whose fault. */
#ifndef DEMO_CROWD_H
#define DEMO_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"
#include "scale/lateness.h"

/* With so many tasks or more, pictures show the crowd and not a row for each. */
enum { CROWD_FROM = 41, CROWD_COLUMNS = 200 };

struct crowd {
    /* In each column of the picture: */
    unsigned in_flight[CROWD_COLUMNS]; /* the most at a time */
    uint64_t late_ns[CROWD_COLUMNS];   /* of the timers that were due then, the latest */
    unsigned most;
    size_t timers;               /* that were answered by a poll */
    size_t late;                 /* of these, by 1 ms or more, */
    size_t faults[MODEL_FAULTS]; /* and by whose fault */
    struct lateness lateness;
};

/* How many tasks there were. */
unsigned crowd_tasks(const struct model *model);

/* Over `columns` equal spans of time, at most CROWD_COLUMNS. Not for an empty trace. */
void crowd_measure(struct crowd *crowd, const struct model *model, unsigned columns);

#endif
