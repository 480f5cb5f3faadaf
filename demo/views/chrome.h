/* SPDX-License-Identifier: MIT */
/* chrome.h - the trace in the Trace Event Format, for Perfetto, chrome://tracing and speedscope. */
#ifndef DEMO_CHROME_H
#define DEMO_CHROME_H

#include <stdio.h>

#include "edo.h"

/* Lane 0 is the reactor: running, in epoll_wait, watching the clock. Then come the lanes of each
 * task:
 *
 *   the task          its life, and in it each poll and what it waited for between two; an instant
 *                     for each deadline
 *   "its phases"      if the task has named phases
 *   "its futures"     the futures in it but its own, nested as they await each other; as many lanes
 *                     as it awaits side by side
 *
 * Each slice has its facts as args: of a wait that a timer has ended, and of the future that armed
 * the timer, how late it was and why. The counters are tasks that are ready, tasks that wait, and
 * sources that are armed. An arrow goes from who woke a task to that task.
 *
 * `ts` and `dur` are whole us since the first event, args ending in _ms have all digits. Takes a
 * time that grows with the number of events. Errors are the stream's (ferror); without memory for
 * the model the file says so and has no events. */
void chrome_write(const struct edo_trace *trace, FILE *file);

#endif
