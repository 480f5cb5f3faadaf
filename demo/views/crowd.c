/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include <stdlib.h>

#include "spans.h"

enum { MOST_TIMERS = 4096 }; /* of more, the first count */

unsigned crowd_tasks(const struct edo_trace *trace)
{
    unsigned tasks = 0;

    for (size_t i = 0; i < edo_trace_count(trace); i++)
        tasks += edo_trace_at(trace, i)->kind == EDO_TRACE_SPAWN;
    return tasks;
}

/* Never behind the last: so long a time may be no longer exact. */
static unsigned column_of(uint64_t t_ns, uint64_t total_ns, unsigned columns)
{
    unsigned column = (unsigned)((double)t_ns / (double)total_ns * columns);

    return column < columns ? column : columns - 1;
}

static void count_in_flight(struct crowd *crowd, const struct edo_trace *trace, unsigned columns)
{
    uint64_t begin_ns = span_first_ns(trace);
    uint64_t total_ns = span_last_ns(trace) - begin_ns;
    unsigned now = 0, column = 0;

    for (size_t i = 0; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);
        unsigned at = total_ns > 0 ? column_of(event->t_ns - begin_ns, total_ns, columns) : 0;

        for (; column < at; column++)
            crowd->in_flight[column + 1] = now;
        if (event->kind == EDO_TRACE_SPAWN)
            now++;
        else if (event->kind == EDO_TRACE_DONE && now > 0) /* its spawn may have been dropped */
            now--;
        if (crowd->in_flight[column] < now)
            crowd->in_flight[column] = now;
        if (crowd->most < now)
            crowd->most = now;
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void measure_lateness(struct crowd *crowd, const struct edo_trace *trace)
{
    static uint64_t late_ns[MOST_TIMERS];
    size_t count = 0;

    for (size_t i = 0; i < edo_trace_count(trace) && count < MOST_TIMERS; i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_FIRE)
            late_ns[count++] = event->t_ns - event->arg;
    }
    crowd->timers = count;
    if (count == 0)
        return;
    qsort(late_ns, count, sizeof late_ns[0], compare);
    crowd->late_p50_ns = late_ns[(count - 1) / 2];
    crowd->late_p99_ns = late_ns[(count - 1) * 99 / 100];
    crowd->late_max_ns = late_ns[count - 1];
}

void crowd_measure(struct crowd *crowd, const struct edo_trace *trace, unsigned columns)
{
    *crowd = (struct crowd){0};
    count_in_flight(crowd, trace, columns);
    measure_lateness(crowd, trace);
}
