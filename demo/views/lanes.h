/* SPDX-License-Identifier: MIT */
/* lanes.h - which lane of a picture of slices everything is in. In a lane one slice lies in another
 * or behind it; what overlaps in any other way needs two.
 *
 *   0                 the reactor
 *   for each task     one for itself
 *                     one for its phases, if it names any
 *                     for the futures in it but its own, nested as they await each other, as many
 *                     as it awaits side by side
 *   last              what is in no task that the trace knows, if anything is
 *
 * Takes a time that grows with the number of events. */
#ifndef DEMO_LANES_H
#define DEMO_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

enum { LANE_REACTOR = 0 };

struct lanes_task {
    uint32_t first; /* its lane; 0: it has none */
    bool has_phases;
    uint32_t futures; /* how many lanes they have */
    uint32_t own;     /* the future that the task is, 0 if not known */
    uint32_t free;    /* private: a future whose lane nothing is in any more */
};

struct lanes_future {
    uint32_t place;     /* which of the task's lanes for futures, from 1; 0: it is in none */
    size_t begin, end;  /* steps; it ends with what is around it */
    uint32_t timer;     /* the last that it armed, 0 for none */
    size_t taken_until; /* private: by a child in the same lane */
    uint32_t next_free; /* private */
};

struct lanes {
    const struct model *model;
    struct lanes_task *tasks; /* from model->first_task on, and one for those not known */
    struct lanes_future *futures;
};

/* Of a model that must stay until lanes_close. false: no memory. */
bool lanes_open(struct lanes *lanes, const struct model *model);
void lanes_close(struct lanes *lanes);

/* Never NULL. */
struct lanes_task *lanes_task(const struct lanes *lanes, uint32_t id);
struct lanes_future *lanes_future(const struct lanes *lanes, uint32_t number);

/* The lane of a task's phases, and of a future that is in one. */
uint32_t lanes_of_phases(const struct lanes *lanes, uint32_t task);
uint32_t lanes_of_future(const struct lanes *lanes, const struct model_future *future);

#endif
