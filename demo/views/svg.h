/* SPDX-License-Identifier: MIT */
/* svg.h - the trace as a picture: one SVG, no script, readable on light and on dark ground. */
#ifndef DEMO_SVG_H
#define DEMO_SVG_H

#include <stdio.h>

#include "edo.h"

/* A row for each task, a band for each phase, an arrow from each task that woke another one, exact
 * times in titles; of more than 40 tasks, how many were in flight and how late their timers were.
 * Errors are the stream's (ferror). */
void svg_write(const struct edo_trace *trace, FILE *file);

#endif
