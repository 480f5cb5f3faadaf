/* SPDX-License-Identifier: MIT */
/* record.h - how the runtime records into a trace. Not for users: edo.h does not include it. */
#pragma once

#include "trace.h"

/* Recording stands apart from what is recorded, so that a run without a trace is no slower. */
#define EDO_NOINLINE __attribute__((noinline))

/* The trace of the executor that runs on this thread just now, NULL for none. A future does not
 * know its executor, so it finds the trace here. */
extern _Thread_local struct edo_trace *edo_trace_of_thread;

/* Appends an event of trace->task, with the time now. The caller sets its other members; until then
 * `fd` is -1 and the texts are NULL. */
struct edo_trace_event *edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                   uint32_t other, uint64_t arg);

/* Appends a note, if notes are kept. */
void edo_record_note(struct edo_trace *trace, const char *name, int fd, int how, uint64_t arg,
                     int result);

/* From now on events are those of `task`: sets trace->task. Returns what it was before. `trace` may
 * be NULL. */
static inline uint32_t edo_record_as(struct edo_trace *trace, uint32_t task)
{
    uint32_t before;

    if (trace == NULL)
        return 0;
    before = trace->task;
    trace->task = task;
    return before;
}
