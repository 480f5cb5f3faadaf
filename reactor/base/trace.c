#include "trace.h"

#include <inttypes.h>
#include <unistd.h>

_Thread_local struct edo_trace *edo_trace_of_thread;

void edo_trace_init(struct edo_trace *trace, struct edo_trace_event *events, size_t capacity)
{
    *trace = (struct edo_trace){.events = events, .capacity = capacity};
}

void edo_trace_record(struct edo_trace *trace, struct edo_trace_event event)
{
    event.t_ns = edo_clock_now(trace->clock);
    trace->events[trace->recorded++ % trace->capacity] = event;
}

void edo_trace_phase(struct edo_trace *trace, const char *name)
{
    if (trace != NULL)
        edo_trace_record(trace,
                         (struct edo_trace_event){
                             .kind = EDO_TRACE_PHASE, .task = trace->task, .name = name, .fd = -1});
}

uint64_t edo_trace_dropped(const struct edo_trace *trace)
{
    return trace->recorded > trace->capacity ? trace->recorded - trace->capacity : 0;
}

size_t edo_trace_count(const struct edo_trace *trace)
{
    return (size_t)(trace->recorded - edo_trace_dropped(trace));
}

const struct edo_trace_event *edo_trace_at(const struct edo_trace *trace, size_t i)
{
    return &trace->events[(edo_trace_dropped(trace) + i) % trace->capacity];
}

const char *edo_trace_kind_name(enum edo_trace_kind kind)
{
    static const char *const names[] = {"spawn",  "state",      "arm",      "fire",
                                        "wake",   "poll_begin", "poll_end", "done",
                                        "cancel", "enter",      "leave",    "phase"};

    return names[kind];
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void write_event(const struct edo_trace_event *event, uint64_t seq, FILE *file)
{
    fprintf(file,
            "%" PRIu64 "\t%" PRIu64 "\t%s\t%" PRIu32 "\t%" PRIu32 "\t%s\t%s\t%d\t%" PRIu64 "\t%s\n",
            seq, event->t_ns, edo_trace_kind_name(event->kind), event->task, event->other,
            or_dash(event->from), or_dash(event->to), event->fd, event->arg, or_dash(event->name));
}

void edo_trace_write(const struct edo_trace *trace, FILE *file)
{
    uint64_t dropped = edo_trace_dropped(trace);

    fprintf(file, "# edo trace 1, pid %ld, %" PRIu64 " events dropped\n", (long)getpid(), dropped);
    fprintf(file, "# t_ns and deadlines in ns on %s\n",
            trace->clock->is_virtual ? "a virtual clock that began at 0" : "CLOCK_MONOTONIC");
    fputs("seq\tt_ns\tkind\ttask\tother\tfrom\tto\tfd\targ\tname\n", file);
    for (size_t i = 0; i < edo_trace_count(trace); i++)
        write_event(edo_trace_at(trace, i), dropped + i, file);
}
