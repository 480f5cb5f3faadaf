/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

_Thread_local struct edo_trace *edo_trace_of_thread;

struct edo_trace_event *edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                   uint32_t other, uint64_t arg)
{
    struct edo_trace_event *event = &trace->events[trace->recorded++ % trace->capacity];

    *event = (struct edo_trace_event){
        .kind = kind, .task = trace->task, .other = other, .arg = arg, .fd = -1};
    event->t_ns = trace->clock != NULL ? edo_clock_now(trace->clock) : 0;
    return event;
}

void edo_record_note(struct edo_trace *trace, const char *name, int fd, int how, uint64_t arg,
                     int result)
{
    if (trace->notes == NULL)
        return;
    trace->notes[trace->noted++ % trace->note_capacity] = (struct edo_trace_note){
        .event = trace->recorded,
        .arg = arg,
        .name = name,
        .fd = fd,
        .how = how,
        .result = result,
    };
}

void edo_trace_phase(struct edo_trace *trace, const char *name)
{
    if (trace != NULL)
        edo_record(trace, EDO_TRACE_PHASE, 0, 0)->name = name;
}

const char *edo_trace_kind_name(enum edo_trace_kind kind)
{
    static const char *const names[] = {
        "spawn",    "state", "name",   "arm",   "disarm", "fire",  "wake",  "poll_begin",
        "poll_end", "done",  "cancel", "enter", "leave",  "stuck", "phase", "lost"};

    return names[kind];
}

/* --- The file --------------------------------------------------------------------------------- */

/* A program may give its tasks any names. In the file each is one field of one line, in ASCII:
 * other bytes are \xNN, a backslash too, and a dash by itself, which stands for no text. */
static void write_text(const char *text, FILE *file)
{
    if (text == NULL || strcmp(text, "-") == 0)
        fputs(text != NULL ? "\\x2d" : "-", file);
    else
        for (; *text != '\0'; text++)
            fprintf(file, *text < ' ' || *text > '~' || *text == '\\' ? "\\x%02x" : "%c",
                    (unsigned char)*text);
}

static void write_event(const struct edo_trace_event *event, uint64_t seq, FILE *file)
{
    fprintf(file, "%" PRIu64 "\t%" PRIu64 "\t%s\t%" PRIu32 "\t%" PRIu32 "\t", seq, event->t_ns,
            edo_trace_kind_name(event->kind), event->task, event->other);
    write_text(event->from, file);
    fputc('\t', file);
    write_text(event->to, file);
    fprintf(file, "\t%d\t%" PRIu64 "\t", event->fd, event->arg);
    write_text(event->name, file);
    fputc('\n', file);
}

void edo_trace_write(const struct edo_trace *trace, FILE *file)
{
    uint64_t dropped = edo_trace_dropped(trace);

    fprintf(file, "# edo trace %d, pid %ld, %" PRIu64 " events dropped\n", EDO_TRACE_VERSION,
            (long)getpid(), dropped);
    fprintf(file, "# t_ns and deadlines in ns on %s\n",
            trace->clock != NULL && trace->clock->is_virtual ? "a virtual clock that began at 0"
                                                             : "CLOCK_MONOTONIC");
    fputs("seq\tt_ns\tkind\ttask\tother\tfrom\tto\tfd\targ\tname\n", file);
    for (size_t i = 0; i < edo_trace_count(trace); i++)
        write_event(edo_trace_at(trace, i), dropped + i, file);
}
