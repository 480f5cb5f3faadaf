/* SPDX-License-Identifier: MIT */
/* across.h - a message from one loop to another and back, each in a thread and on a cpu of its own.
 *
 *   loop 0 --post--> loop 1 --post--> loop 0 ...
 *
 * Both sleep in between, as loops that have nothing else to do. Usage of the programs: PROGRAM
 * VARIANT across N. tokio/src/bin/io.rs is the same in Rust. */
#ifndef BENCH_ACROSS_H
#define BENCH_ACROSS_H

#include <stdbool.h>

/* What a peer brings: two loops, 0 and 1. Where it fails, it ends the program (across_fail). */
struct across_peer {
    void (*open)(unsigned loop);

    /* Wakes it, from the thread of the other one. */
    void (*post)(unsigned loop);

    /* Runs it, in its thread. It calls across_woken each time it was woken, until that says false.
     */
    void (*run)(unsigned loop);
};

extern const struct across_peer across_peer;

/* This loop was woken, and wakes the other one. False: it was the last time. */
bool across_woken(unsigned loop);

_Noreturn void across_fail(const char *what);

#endif
