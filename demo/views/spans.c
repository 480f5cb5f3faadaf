/* SPDX-License-Identifier: MIT */
#include "spans.h"

#include "edo.h"

uint64_t span_first_ns(const struct edo_trace *trace)
{
    return edo_trace_at(trace, 0)->t_ns;
}

uint64_t span_last_ns(const struct edo_trace *trace)
{
    return edo_trace_at(trace, edo_trace_count(trace) - 1)->t_ns;
}

/* The next event of this kind about the task that event `i` is about, NULL if there is none. */
static const struct edo_trace_event *span_next(const struct edo_trace *trace, size_t i,
                                               enum edo_trace_kind kind)
{
    uint32_t task = edo_trace_at(trace, i)->task;

    for (i++; i < edo_trace_count(trace); i++)
        if (edo_trace_at(trace, i)->kind == kind && edo_trace_at(trace, i)->task == task)
            return edo_trace_at(trace, i);
    return NULL;
}

uint64_t span_until(const struct edo_trace *trace, size_t i, enum edo_trace_kind kind)
{
    const struct edo_trace_event *end = span_next(trace, i, kind);

    return end ? end->t_ns : span_last_ns(trace);
}

uint64_t span_end_of_sleep(const struct edo_trace *trace, size_t i)
{
    const struct edo_trace_event *arm = edo_trace_at(trace, i);

    for (i++; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_FIRE && event->other == arm->other)
            return event->t_ns;
        if (event->kind == EDO_TRACE_DONE && event->task == arm->task)
            return event->t_ns;
    }
    return span_last_ns(trace);
}
