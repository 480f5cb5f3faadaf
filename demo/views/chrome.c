/* SPDX-License-Identifier: MIT */
#include "chrome.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "spans.h"
#include "text.h"

enum { REACTOR = 0 }; /* its lane; the others are numbered as their tasks */

struct output {
    const struct edo_trace *trace;
    FILE *file;
    uint64_t arrows;
};

/* Rounded down, all alike, so that what is nested stays nested. */
static uint64_t us_of(const struct output *output, uint64_t t_ns)
{
    return (t_ns - span_first_ns(output->trace)) / EDO_NS_PER_US;
}

static void write_string(const char *text, FILE *file)
{
    fputc('"', file);
    while (*text != '\0') {
        uint32_t code = text_next(&text);

        if (code < 0x20 || code == '"' || code == '\\')
            fprintf(file, "\\u%04" PRIx32, code);
        else
            text_put(code, file);
    }
    fputc('"', file);
}

static void write_lane(const struct output *output, uint32_t lane, const char *name)
{
    fprintf(output->file,
            ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%" PRIu32
            ",\"name\":\"thread_name\",\"args\":{\"name\":",
            lane);
    write_string(name, output->file);
    fprintf(output->file,
            "}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":%" PRIu32
            ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}",
            lane, lane);
}

static void write_slice(const struct output *output, uint32_t lane, const char *name,
                        uint64_t begin_ns, uint64_t end_ns)
{
    uint64_t begin_us = us_of(output, begin_ns);

    fprintf(output->file,
            ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%" PRIu64 ",\"dur\":%" PRIu64
            ",\"name\":",
            lane, begin_us, us_of(output, end_ns) - begin_us);
    write_string(name, output->file);
    fputc('}', output->file);
}

static void write_arrow(struct output *output, const struct edo_trace_event *wake)
{
    uint64_t us = us_of(output, wake->t_ns);

    output->arrows++;
    fprintf(output->file,
            ",\n{\"ph\":\"s\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%" PRIu64 ",\"id\":%" PRIu64
            ",\"name\":\"wake\",\"cat\":\"wake\"}"
            ",\n{\"ph\":\"f\",\"bp\":\"e\",\"pid\":1,\"tid\":%" PRIu32 ",\"ts\":%" PRIu64
            ",\"id\":%" PRIu64 ",\"name\":\"wake\",\"cat\":\"wake\"}",
            wake->other, us, output->arrows, wake->task, us, output->arrows);
}

/* Whether a timer that the task has armed before event `i` is still running then. */
static bool is_asleep(const struct edo_trace *trace, size_t i)
{
    const struct edo_trace_event *now = edo_trace_at(trace, i);

    for (size_t j = 0; j < i; j++) {
        const struct edo_trace_event *event = edo_trace_at(trace, j);

        if (event->kind == EDO_TRACE_ARM && event->task == now->task &&
            span_end_of_sleep(trace, j) > now->t_ns)
            return true;
    }
    return false;
}

static void write_running(const struct output *output)
{
    uint64_t begin_ns = span_first_ns(output->trace);
    bool is_waiting = false;

    for (size_t i = 0; i < edo_trace_count(output->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(output->trace, i);

        if (event->kind != EDO_TRACE_ENTER && event->kind != EDO_TRACE_LEAVE)
            continue;
        is_waiting = event->kind == EDO_TRACE_ENTER;
        write_slice(output, REACTOR, is_waiting ? "running" : "epoll_wait", begin_ns, event->t_ns);
        begin_ns = event->t_ns;
    }
    write_slice(output, REACTOR, is_waiting ? "epoll_wait" : "running", begin_ns,
                span_last_ns(output->trace));
}

static void write_event(struct output *output, size_t i)
{
    const struct edo_trace *trace = output->trace;
    const struct edo_trace_event *event = edo_trace_at(trace, i);
    uint32_t task = event->task;

    switch (event->kind) {
    case EDO_TRACE_SPAWN:
        write_lane(output, task, event->name);
        write_slice(output, task, event->name, event->t_ns, span_until(trace, i, EDO_TRACE_DONE));
        break;
    case EDO_TRACE_POLL_BEGIN:
        write_slice(output, task, "poll", event->t_ns, span_until(trace, i, EDO_TRACE_POLL_END));
        break;
    case EDO_TRACE_POLL_END:
        if (strcmp(event->to, "PENDING") == 0)
            write_slice(output, task, is_asleep(trace, i) ? "asleep" : "waiting", event->t_ns,
                        span_until(trace, i, EDO_TRACE_POLL_BEGIN));
        break;
    case EDO_TRACE_WAKE:
        write_arrow(output, event);
        break;
    case EDO_TRACE_PHASE:
    case EDO_TRACE_STATE:
    case EDO_TRACE_NAME:
    case EDO_TRACE_ARM:
    case EDO_TRACE_DISARM:
    case EDO_TRACE_FIRE:
    case EDO_TRACE_DONE:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_LOST:
        break;
    }
}

void chrome_write(const struct edo_trace *trace, FILE *file)
{
    struct output output = {.trace = trace, .file = file};

    fprintf(
        file,
        "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"dropped\":%" PRIu64 "},\"traceEvents\":[\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"edo\"}}",
        edo_trace_dropped(trace));
    write_lane(&output, REACTOR, "reactor");
    if (edo_trace_count(trace) > 0)
        write_running(&output);
    for (size_t i = 0; i < edo_trace_count(trace); i++)
        write_event(&output, i);
    fputs("\n]}\n", file);
}
