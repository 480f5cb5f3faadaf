/* SPDX-License-Identifier: MIT */
/* schedule.h - the seam to the order of things: what the runtime and the kernel leave open is
 * drawn from a seed, so that one number is one schedule, and the same schedule each time.
 *
 *   which of the ready tasks of a turn is polled next; in which order fds are reported; and, if
 *   asked for, faults: reads and writes that move less, fds that are reported late, connections
 *   that are reset, calls that fail for want of memory or fds
 *
 * The program is linked with --wrap (the Makefile's `wrapped`), so the runtime has no seam of its
 * own. Off until begun, and only on the thread that began it.
 *
 * Each thing drawn is a choice, a small number, of which 0 is what happens without the seam. With
 * EDO_CHOICES=FILE in the environment the choices come from a file instead, and where that ends
 * they are 0; so a schedule is made smaller by choices that become 0 or go (scripts/schedules).
 * With EDO_CHOICES_TO=FILE each is written there, a line each, before it has any effect. A program
 * that would make more than EDO_CHOICES_MOST ends. With EDO_TRACE_TO and EDO_PAGE_TO the run is
 * recorded, and its trace and the player's page are written when its reactor is closed, or when it
 * dies. */
#ifndef TESTS_SCHEDULE_H
#define TESTS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

/* The faults, to be or-ed. */
enum {
    SCHEDULE_NO_FAULTS = 0,
    SCHEDULE_SHORT = 1,  /* reads and writes move less, or nothing, with EINTR or EAGAIN */
    SCHEDULE_LATE = 2,   /* fds that are ready are reported later */
    SCHEDULE_RESET = 4,  /* connections are reset */
    SCHEDULE_ERRORS = 8, /* ENOMEM, EMFILE */
    SCHEDULE_WAKES = 16  /* tasks are woken for nothing, as any waker may */
};

/* From now on this thread runs under the schedule of that seed. */
void schedule_begin(uint64_t seed, unsigned faults);

void schedule_end(void);

/* Whether this thread is under a schedule. */
bool schedule_is_on(void);

/* Whether it is, and that fault is asked for. */
bool schedule_has(unsigned fault);

/* A number below `count`, which is not 0; without a schedule always 0. `what` is for who reads the
 * choices. */
unsigned schedule_choose(const char *what, unsigned count);

/* true once in `n` times; without a schedule never. */
bool schedule_rarely(const char *what, unsigned n);

/* The next number of a generator whose state begins as the seed (splitmix64): a seed means the same
 * numbers everywhere. */
uint64_t draw(uint64_t *state);

#endif
