#include "trace.h"

#include <inttypes.h>
#include <string.h>
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

/* --- The file -------------------------------------------------------------------------------- */

/* How many bytes the character of UTF-8 (RFC 3629) has that `text` begins with, 0 if it begins with
 * none. */
static size_t character_length(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* that takes so many */
    size_t length = *text < 0x80 ? 1 : *text < 0xc0 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
    uint32_t code = length == 1 ? *text : *text & (0x7fU >> length);

    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (*text >= 0xf8 || code < least[length] || code > 0x10ffff || (code & ~0x7ffU) == 0xd800)
        return 0;
    return length;
}

static bool is_control(const unsigned char *text)
{
    return *text < 0x20 || *text == 0x7f || (*text == 0xc2 && text[1] < 0xa0);
}

static void write_escaped(unsigned char byte, FILE *file)
{
    switch (byte) {
    case '\t':
        fputs("\\t", file);
        break;
    case '\n':
        fputs("\\n", file);
        break;
    case '\r':
        fputs("\\r", file);
        break;
    case '\\':
        fputs("\\\\", file);
        break;
    default:
        fprintf(file, "\\x%02x", byte);
        break;
    }
}

/* A program may give its tasks any names. In the file each is one field of one line, in UTF-8. */
static void write_text(const char *text, FILE *file)
{
    const unsigned char *at = (const unsigned char *)text;

    if (text == NULL || strcmp(text, "-") == 0) {
        fputs(text ? "\\x2d" : "-", file); /* by itself, a dash stands for no text */
        return;
    }
    while (*at != '\0') {
        size_t length = character_length(at);

        if (length > 0 && *at != '\\' && !is_control(at)) {
            fwrite(at, 1, length, file);
            at += length;
        } else {
            write_escaped(*at++, file);
        }
    }
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

    fprintf(file, "# edo trace 1, pid %ld, %" PRIu64 " events dropped\n", (long)getpid(), dropped);
    fprintf(file, "# t_ns and deadlines in ns on %s\n",
            trace->clock->is_virtual ? "a virtual clock that began at 0" : "CLOCK_MONOTONIC");
    fputs("seq\tt_ns\tkind\ttask\tother\tfrom\tto\tfd\targ\tname\n", file);
    for (size_t i = 0; i < edo_trace_count(trace); i++)
        write_event(edo_trace_at(trace, i), dropped + i, file);
}
