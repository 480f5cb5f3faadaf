/* SPDX-License-Identifier: MIT */
/* tape.h - traces made up by hand, event by event, each at the time that it is given. */
#ifndef TESTS_TAPE_H
#define TESTS_TAPE_H

#include <stddef.h>
#include <stdint.h>

#include "edo.h"

enum { TAPE_EVENTS = 16384, TAPE_TASKS = 2048 };

struct tape {
    struct edo_trace_event events[TAPE_EVENTS];
    struct edo_trace trace;
    uint64_t now_ns;               /* of what is recorded next */
    const char *names[TAPE_TASKS]; /* by the tasks' ids, which are less than that */
};

/* Holds the last `capacity` events, at most TAPE_EVENTS. */
void tape_init(struct tape *tape, size_t capacity);

/* An event of a task that was spawned has its name on. */
struct edo_trace_event *tape_record(struct tape *tape, enum edo_trace_kind kind, uint32_t task);

/* Names have to outlive the tape. */
void tape_spawn(struct tape *tape, uint32_t task, const char *name);
struct edo_trace_event *tape_done(struct tape *tape, uint32_t task, const char *outcome);
void tape_state(struct tape *tape, uint32_t task, uint32_t future, const char *type,
                const char *to);
void tape_phase(struct tape *tape, uint32_t task, const char *name);

/* A timer: is armed by a task, fires, wakes a task. */
void tape_arm(struct tape *tape, uint32_t task, uint32_t id, uint64_t deadline_ns);
void tape_fire(struct tape *tape, uint32_t id, uint64_t deadline_ns);
void tape_wake(struct tape *tape, uint32_t task, uint32_t id);

/* A poll that takes so long. */
void tape_poll(struct tape *tape, uint32_t task, uint64_t duration_ns);

/* The thread sleeps until then. */
void tape_sleep(struct tape *tape, uint64_t until_ns);

/* What a timeline says below about the latest timer: its parts add up as they stand there. */
void tape_check_latest(const char *out);

#endif
