/* SPDX-License-Identifier: MIT */
/* record.h - how the runtime records into a trace. Not for users: edo.h does not include it. */
#pragma once

#include "trace.h"

/* Recording stands apart from what is recorded, so that a run without a trace is no slower. */
#define EDO_NOINLINE __attribute__((noinline))

/* The trace of the executor that runs on this thread just now, NULL for none. A future that changes
 * its state does not know its executor. */
extern _Thread_local struct edo_trace *edo_trace_of_thread;

/* Appends an event, at the time it is now, about what trace->task does. The caller adds what else
 * there is to say; fd is -1, texts are NULL. */
struct edo_trace_event *edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                   uint32_t other, uint64_t arg);

/* From now on, what futures do is recorded as the doing of `task`. Returns whose it was before. */
static inline uint32_t edo_record_as(struct edo_trace *trace, uint32_t task)
{
    uint32_t before;

    if (trace == NULL)
        return 0;
    before = trace->task;
    trace->task = task;
    return before;
}
