/* timeline.h - the trace as bars in the terminal: who was asleep, who waited for whom, for how
 * long. */
#ifndef DEMO_TIMELINE_H
#define DEMO_TIMELINE_H

#include "edo.h"

/* A row for each task, under the phase in which it was spawned; of more than 40 tasks, how many
 * were in flight and how late their timers were. As wide as the terminal (80 columns where there is
 * none). ASCII unless the locale is UTF-8; colour only on a terminal, and not when NO_COLOR is set
 * (no-color.org). */
void timeline_print(const struct edo_trace *trace);

#endif
