/* SPDX-License-Identifier: MIT */
/* spans.h - what the Chrome trace asks of a trace: from when to when something went on. Of a trace
 * with at least one event. */
#ifndef DEMO_SPANS_H
#define DEMO_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "edo.h"

/* When the trace begins and ends. */
uint64_t span_first_ns(const struct edo_trace *trace);
uint64_t span_last_ns(const struct edo_trace *trace);

/* When the next event of this kind about the task that event `i` is about was; without one, the end
 * of the trace. */
uint64_t span_until(const struct edo_trace *trace, size_t i, enum edo_trace_kind kind);

/* When the source that was armed in event `i` came due, or was let go of because its task ended. */
uint64_t span_end_of_sleep(const struct edo_trace *trace, size_t i);

#endif
