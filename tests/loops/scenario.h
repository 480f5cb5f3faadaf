/* SPDX-License-Identifier: MIT */
/* scenario.h - what a runtime goes through as the guest of a loop that is not edo's.
 *
 *   busy     a task is always ready; the loop's own timer ticks beside it
 *   waiting  each tick arms a sleep that is to end before those armed so far, and writes a byte
 *            that a task reads from a pipe
 *   empty    no task is left, but an fd is registered and a byte comes: the loop ticks, and sleeps
 *   quiet    the last tick spawns tasks again and stops the timer. A long sleep is armed; the loop
 *            waits; another thread posts; shorter sleeps are armed. Nothing but the runtime's fd
 *            ends the waits
 *
 * Judged: every future ended as it should, none early, earlier deadlines first; the iterations of
 * the loop, held against the ticks and the polls; fds left open.
 *
 * A program for a loop has the source that drives the runtime, which is the recipe to copy, and the
 * loop's own timer; it hands both over as a struct host. */
#ifndef LOOPS_SCENARIO_H
#define LOOPS_SCENARIO_H

#include <stdbool.h>

#include "edo.h"

enum { TICK_MS = 5 };

struct host {
    const char *name;

    /* Opens the loop, in it the source for `executor`, and a timer that calls scenario_tick every
     * TICK_MS. */
    void (*open)(struct edo_executor *executor);

    /* One iteration of the loop, which waits if there is nothing to do. */
    void (*iterate)(void);

    void (*close)(void);
};

/* The whole program: PROGRAM fd or PROGRAM wheel. Its exit status. */
int scenario_main(int argc, char **argv, const struct host *host);

/* To be called by the loop's timer. False: that was the last tick. */
bool scenario_tick(void);

/* Ends the program if `is_true` is false; `what` is then what failed. */
void must(bool is_true, const char *what);

#endif
