/* SPDX-License-Identifier: MIT */
/* sleep.h - a leaf future that is ready once its time has come, never earlier.
 *
 *   EDO_START --first poll--> SLEEP_ARMED --timer fired--> EDO_DONE
 *       |                         |
 *       +-------------------------+----- the kernel's error --> EDO_FAILED
 *
 *   edo_sleep_reset: from SLEEP_ARMED to SLEEP_ARMED, from the end to EDO_START
 *
 * A duration counts from the first poll, not from init. A duration of 0 and a deadline that has
 * passed are ready in the next turn of the loop. A sleep of EDO_NEVER is never ready, but can be
 * cancelled; when tasks wait for nothing else, the executor says that they are stuck.
 *
 * Result: no value. -EMFILE: no fd is left for the timer; -ECANCELED: somebody else has disarmed
 * `timer`; else as edo_reactor_arm_for, read(2). Memory: the caller's; while it is armed the
 * reactor points into it, so it must not move. */
#pragma once

#include "../kernel/source.h"
#include "../task/future.h"

struct edo_sleep {
    struct edo_future future; /* to be awaited */
    struct edo_source timer;  /* due_ns: until the first poll the duration, then the deadline */
};

/* Sleeps for `duration_ns` from its first poll on. */
void edo_sleep_init(struct edo_sleep *sleep, uint64_t duration_ns);

/* Sleeps until `deadline_ns` on the runtime's clock. */
void edo_sleep_until_init(struct edo_sleep *sleep, uint64_t deadline_ns);

/* Makes it a sleep of `duration_ns`. A sleep that is armed goes on being awaited, and the duration
 * counts from now. Any other is initialised anew, and the duration counts from its next poll. */
void edo_sleep_reset(struct edo_sleep *sleep, uint64_t duration_ns);

/* The same with a deadline. */
void edo_sleep_reset_until(struct edo_sleep *sleep, uint64_t deadline_ns);
