/* SPDX-License-Identifier: MIT */
/* signals.h - awaits signals, by a signalfd(2).
 *
 *   EDO_START --> AWAITS_READY --a signal of the set--> EDO_DONE
 *
 * A signal comes to the signalfd only where no thread takes it first. So the signals must be
 * blocked in every thread: open this before threads are created, they inherit the mask (signal(7)).
 * A signal that is sent to another thread (pthread_kill(3)) stays with that one.
 * A child made with child.h begins with no signal blocked.
 *
 * Memory: as stream.h. */
#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include "io.h"

struct edo_signals {
    struct edo_io io; /* the signalfd */
    sigset_t blocked; /* those that open has blocked, which close unblocks */
};

/* Blocks the signals of `set` in this thread and opens a signalfd for them. Returns 0,
 * or -errno as signalfd(2), edo_io_open. */
int edo_signals_open(struct edo_signals *signals, struct edo_reactor *reactor, const sigset_t *set);

/* Unblocks the signals that were not blocked before; what is pending then has its usual effect. In
 * the thread that opened it. Of two that wait for the same signal, first the one opened last. Again
 * it does nothing. */
void edo_signals_close(struct edo_signals *signals);

struct edo_signal_wait {
    struct edo_operation operation; /* await operation.future */
    struct signalfd_siginfo info;   /* the result */
};

/* Waits for the next signal. Several of one number that come before they are read are one
 * (signal(7), "standard signals do not queue"). Result: &wait->info. -EBUSY: another wait is
 * pending; else as struct edo_operation, read(2). */
void edo_signal_wait_init(struct edo_signal_wait *wait, struct edo_signals *signals);
