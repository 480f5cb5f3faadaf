/* SPDX-License-Identifier: MIT */
/* spans.h - what the pictures ask of a trace: from when to when something went on. Of a trace with
 * at least one event. */
#ifndef DEMO_SPANS_H
#define DEMO_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "edo.h"

/* When the trace begins and ends. */
uint64_t span_first_ns(const struct edo_trace *trace);
uint64_t span_last_ns(const struct edo_trace *trace);

/* The next event of this kind about the task that event `i` is about, NULL if there is none. */
const struct edo_trace_event *span_next(const struct edo_trace *trace, size_t i,
                                        enum edo_trace_kind kind);

/* When that was; without one, the end of the trace. */
uint64_t span_until(const struct edo_trace *trace, size_t i, enum edo_trace_kind kind);

/* When the source that was armed in event `i` came due, or was let go of because its task ended. */
uint64_t span_end_of_sleep(const struct edo_trace *trace, size_t i);

/* When the phase that began with event `i` gave way to the next one, or to the end. */
uint64_t span_end_of_phase(const struct edo_trace *trace, size_t i);

/* The distance of ticks on an axis of `total_ns`: 1, 2, 5, 10, 20, 50, ... ms, so that there are at
 * most `most` intervals, and at least one. */
uint64_t span_step(uint64_t total_ns, unsigned most);

/* What its ticks are told in: ms, or s where each is whole and the last has two digits. */
uint64_t span_unit(uint64_t total_ns, uint64_t step_ns);

#endif
