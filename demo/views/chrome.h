/* SPDX-License-Identifier: MIT */
/* chrome.h - the trace in the Trace Event Format, for Perfetto, chrome://tracing and speedscope. */
#ifndef DEMO_CHROME_H
#define DEMO_CHROME_H

#include <stdio.h>

#include "edo.h"

/* Lane 0 is the reactor: running, or in epoll_wait. A lane for each task: its life, and in it each
 * poll and what it waited for between two. Arrows from who woke to who was woken. Times are whole
 * us since the first event. Errors are the stream's (ferror). */
void chrome_write(const struct edo_trace *trace, FILE *file);

#endif
