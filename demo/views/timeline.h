/* SPDX-License-Identifier: MIT */
/* timeline.h - the trace as bars in the terminal: who was asleep, who waited for whom, for how
 * long. */
#ifndef DEMO_TIMELINE_H
#define DEMO_TIMELINE_H

#include "edo.h"

/* A row for each task, under the phase in which it was spawned; of more than 40 tasks, how many
 * were in flight and how late their timers were. As wide as the terminal, with signs and colours
 * that it can show (terminal.h). */
void timeline_print(const struct edo_trace *trace);

#endif
