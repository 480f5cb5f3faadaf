/* spans.h - what the pictures ask of a trace: from when to when something went on. */
#ifndef DEMO_SPANS_H
#define DEMO_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "edo.h"

/* When the source that was armed in event `i` came due, or was let go of because its task ended. */
uint64_t span_end_of_sleep(const struct edo_trace *trace, size_t i);

/* When the phase that began with event `i` gave way to the next one, or to the end. */
uint64_t span_end_of_phase(const struct edo_trace *trace, size_t i);

/* The event in which the task that was spawned in event `i` ended, NULL if it did not. */
const struct edo_trace_event *span_done(const struct edo_trace *trace, size_t i);

/* The distance of ticks on an axis of `total_ns`: 1, 2, 5, 10, 20, 50, ... ms, so that there are at
 * most `most` intervals. */
uint64_t span_step(uint64_t total_ns, unsigned most);

#endif
