/* SPDX-License-Identifier: MIT */
/* interrupt.h - Ctrl-C, kill and a terminal that is closed (INT, TERM, HUP) in the middle of a run:
 * what was recorded until then is written, and the program dies by that signal.
 *
 *   begin --signal--> noted --the thread waits--> finish() --> killed by the signal
 *                       |
 *                       +-- a second signal ------------------> killed by that one, at once
 *
 * What is written only in part by then is removed.
 *
 * All is done in the signal's handler. A loop that looks at a flag would not do: the runtime goes
 * on waiting after a signal, and rightly so. Nor would a signalfd among its sources, since that
 * would stand in the strace which this program is there to show.
 *
 * A handler may call what it likes if it interrupts no more than a system call
 * (POSIX.1-2017, 2.4.3: no function that is not async-signal-safe). So it does so only while the
 * thread waits, in epoll_wait or at a prompt, which is nearly always; else it comes again in a ms.
 */
#ifndef DEMO_INTERRUPT_H
#define DEMO_INTERRUPT_H

#include <stdbool.h>

#include "edo.h"

/* From now on. The last event of `trace` tells whether the thread is in epoll_wait. With NULL
 * `finish` is called at once, wherever the thread is, and must be async-signal-safe. Signals that
 * are ignored stay so (nohup(1)). */
void interrupt_begin(const struct edo_trace *trace, void (*finish)(void));

/* From `is_waiting` on, until it is not: the thread waits for a person, outside of stdio. */
void interrupt_at_prompt(bool is_waiting);

/* The run is over, and what follows is not to be broken off: a signal is only noted. */
void interrupt_end(void);

/* When all is done: does not return if a signal was noted. */
void interrupt_die_if_noted(void);

#endif
