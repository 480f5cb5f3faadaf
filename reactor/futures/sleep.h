/* sleep.h - a leaf future that is ready once its time has come, never earlier.
 *
 *   EDO_START --first poll--> SLEEP_ARMED --timer fired--> EDO_DONE
 *       |                         |
 *       +-------------------------+----- the kernel's error --> EDO_FAILED
 *
 *   from any state, edo_sleep_reset goes back to EDO_START
 *
 * A duration counts from the first poll, not from init. A duration of 0 and a deadline that has
 * passed are ready in the next turn of the loop. EDO_NEVER is never ready, but can be cancelled;
 * when nothing else is left to wait for, the executor calls that a deadlock.
 *
 * Result: no value; or -errno if the kernel refused the timer (-EMFILE: no fd left; the others are
 * those of edo_reactor_arm_for and read(2)).
 * Memory: the caller's; while it is armed the reactor points into it, so it must not move. */
#ifndef EDO_SLEEP_H
#define EDO_SLEEP_H

#include <stdint.h>

#include "../task/future.h"
#include "../kernel/source.h"

struct edo_sleep {
    struct edo_future future;
    uint64_t time_ns;        /* set by init: the duration or the deadline, as future.type says */
    struct edo_source timer; /* valid while armed; timer.id is what strace shows */
};

/* Sleeps for `duration_ns` from its first poll on. */
void edo_sleep_init(struct edo_sleep *sleep, uint64_t duration_ns);

/* Sleeps until `deadline_ns` on the runtime's clock. */
void edo_sleep_until_init(struct edo_sleep *sleep, uint64_t deadline_ns);

/* Makes it a sleep of `duration_ns` from its next poll on, whatever state it is in. If it was
 * armed, the old timer is let go of and who awaits the sleep is woken, so that the poll comes. */
void edo_sleep_reset(struct edo_sleep *sleep, uint64_t duration_ns);

/* The same with a deadline. */
void edo_sleep_reset_until(struct edo_sleep *sleep, uint64_t deadline_ns);

#endif
