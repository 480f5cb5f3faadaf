/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "crowd.h"
#include "edo.h"
#include "spans.h"
#include "terminal.h"
#include "text.h"

enum { LABEL_WIDTH = 18, MOST_COLUMNS = CROWD_COLUMNS };

/* A poll that took longer is shown. */
#define SLOW EDO_MS(10)

/* What a place in a row shows; the later ones cover the earlier. */
enum cell { EMPTY, RULE, WAITING, ASLEEP, RUNNING, WAKE, DONE, FAILED, CANCELLED, CELLS };

static const char *const ascii[CELLS] = {" ", "-", ".", "#", "=", "*", "+", "x", "o"};
static const char *const utf8[CELLS] = {" ", "─", "░", "█", "▒", "•", "✓", "✗", "○"};
static const char *const colours[CELLS] = {
    "", "", "\033[2m", "\033[36m", "\033[34m", "\033[33m", "\033[32m", "\033[31m", "\033[35m"};

/* The picture: from when to when, and in how many columns. */
struct frame {
    const struct edo_trace *trace;
    struct terminal terminal;
    uint64_t begin_ns;
    uint64_t end_ns;
    unsigned label;   /* columns of the names, which stand before the cells */
    unsigned columns; /* of cells */
    unsigned time;    /* columns of the durations, which stand behind them */
    bool is_painted[CELLS];
};

/* On a narrow terminal names are cut off, on a very narrow one there are no durations. The last
 * column stays free: where it is printed to, some terminals go on to the next line. */
static void frame_init(struct frame *frame, const struct edo_trace *trace)
{
    unsigned width, others;

    *frame = (struct frame){
        .trace = trace, .begin_ns = span_first_ns(trace), .end_ns = span_last_ns(trace)};
    if (frame->end_ns == frame->begin_ns)
        frame->end_ns++;
    terminal_look(&frame->terminal);
    width = frame->terminal.columns;
    frame->label = width < 28 ? width / 2 : width < 60 ? 14 : LABEL_WIDTH;
    frame->time = width < 38 ? 0 : 10;
    others = frame->label + frame->time + 1;
    frame->columns = width > others ? width - others : 1;
    if (frame->columns > MOST_COLUMNS)
        frame->columns = MOST_COLUMNS;
}

static unsigned column_of(const struct frame *frame, uint64_t t_ns)
{
    double share = (double)(t_ns - frame->begin_ns) / (double)(frame->end_ns - frame->begin_ns);

    return (unsigned)(share * (frame->columns - 1) + 0.5);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void paint(struct frame *frame, enum cell *cells, uint64_t from_ns, uint64_t to_ns,
                  enum cell cell)
{
    frame->is_painted[cell] = true;
    for (unsigned i = column_of(frame, from_ns); i <= column_of(frame, to_ns); i++)
        if (cells[i] < cell)
            cells[i] = cell;
}

static const char *const *signs_of(const struct frame *frame)
{
    return frame->terminal.is_utf8 ? utf8 : ascii;
}

static void print_cells(const struct frame *frame, const enum cell *cells)
{
    enum cell last = EMPTY;

    for (unsigned i = 0; i < frame->columns; i++) {
        if (frame->terminal.is_coloured && cells[i] != last)
            printf("\033[0m%s", colours[cells[i]]);
        last = cells[i];
        fputs(signs_of(frame)[cells[i]], stdout);
    }
    if (frame->terminal.is_coloured)
        fputs("\033[0m", stdout);
}

/* Nine columns, mostly. */
static void print_duration(uint64_t duration_ns)
{
    bool is_in_s = duration_ns >= EDO_S(100);

    printf("%7.1f %s", (double)duration_ns / (is_in_s ? 1e9 : 1e6), is_in_s ? "s" : "ms");
}

static void print_row(const struct frame *frame, unsigned indent, const char *name,
                      const enum cell *cells, uint64_t duration_ns)
{
    if (frame->label < LABEL_WIDTH)
        indent = 0; /* the name needs the room */
    printf("%*s", (int)indent, "");
    if (frame->label > 0) {
        text_print(name, frame->label - indent - 1, frame->terminal.is_utf8);
        putchar(' ');
    }
    print_cells(frame, cells);
    if (frame->time > 0)
        print_duration(duration_ns);
    putchar('\n');
}

/* The axis: ticks at round numbers, eight columns apart or more, on a narrow terminal five. */
static void print_axis(const struct frame *frame)
{
    uint64_t total_ns = frame->end_ns - frame->begin_ns;
    uint64_t step_ns = span_step(total_ns, frame->columns / (frame->columns < 48 ? 5 : 8));
    uint64_t unit_ns = span_unit(total_ns, step_ns);
    int column = 0;

    text_print(unit_ns == EDO_NS_PER_S ? "s" : "ms", frame->label, false);
    for (uint64_t i = 0; i <= total_ns / step_ns; i++) {
        int at = (int)column_of(frame, frame->begin_ns + i * step_ns);

        if (i > 0 && at <= column)
            continue; /* a long number stands there */
        printf("%*s", at - column, "");
        column = at + printf("%" PRIu64, i * step_ns / unit_ns);
    }
    putchar('\n');
}

static enum cell cell_of_end(const char *state)
{
    if (strcmp(state, "EDO_DONE") == 0)
        return DONE;
    return strcmp(state, "EDO_FAILED") == 0 ? FAILED : CANCELLED;
}

/* Whether event `i` begins a poll that held the loop: all others had to wait meanwhile. */
static bool is_slow_poll(const struct edo_trace *trace, size_t i)
{
    const struct edo_trace_event *event = edo_trace_at(trace, i);

    return event->kind == EDO_TRACE_POLL_BEGIN &&
           span_until(trace, i, EDO_TRACE_POLL_END) - event->t_ns > SLOW;
}

/* What event `i` adds to the row of its task. */
static void paint_event(struct frame *frame, enum cell *cells, size_t i)
{
    const struct edo_trace *trace = frame->trace;
    const struct edo_trace_event *event = edo_trace_at(trace, i);

    if (event->kind == EDO_TRACE_ARM)
        paint(frame, cells, event->t_ns, span_end_of_sleep(trace, i), ASLEEP);
    else if (is_slow_poll(trace, i))
        paint(frame, cells, event->t_ns, span_until(trace, i, EDO_TRACE_POLL_END), RUNNING);
    else if (event->kind == EDO_TRACE_WAKE)
        paint(frame, cells, event->t_ns, event->t_ns, WAKE);
    else if (event->kind == EDO_TRACE_DONE)
        paint(frame, cells, event->t_ns, event->t_ns, cell_of_end(event->to));
}

/* The row of the task that was spawned in event `first`. */
static void print_task(struct frame *frame, size_t first, unsigned indent)
{
    const struct edo_trace_event *spawn = edo_trace_at(frame->trace, first);
    uint64_t end_ns = span_until(frame->trace, first, EDO_TRACE_DONE);
    enum cell cells[MOST_COLUMNS] = {EMPTY};

    for (size_t i = first; i < edo_trace_count(frame->trace); i++)
        if (edo_trace_at(frame->trace, i)->task == spawn->task)
            paint_event(frame, cells, i);
    paint(frame, cells, spawn->t_ns, end_ns, WAITING);
    print_row(frame, indent, spawn->name, cells, end_ns - spawn->t_ns);
}

static void print_phase(struct frame *frame, size_t first)
{
    const struct edo_trace_event *phase = edo_trace_at(frame->trace, first);
    uint64_t end_ns = span_end_of_phase(frame->trace, first);
    enum cell cells[MOST_COLUMNS] = {EMPTY};

    paint(frame, cells, phase->t_ns, end_ns, RULE);
    print_row(frame, 0, phase->name, cells, end_ns - phase->t_ns);
}

static void print_rows(struct frame *frame)
{
    unsigned indent = 0;

    for (size_t i = 0; i < edo_trace_count(frame->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(frame->trace, i);

        if (event->kind == EDO_TRACE_PHASE) {
            print_phase(frame, i);
            indent = 2;
        } else if (event->kind == EDO_TRACE_SPAWN) {
            print_task(frame, i, indent);
        }
    }
}

/* --- What stands below ------------------------------------------------------------------------ */

/* A line of several items, which goes on in the next where the terminal ends. `column`: of the
 * cursor. */
static void make_room(const struct frame *frame, unsigned *column, unsigned gap, unsigned width)
{
    if (*column > 0 && *column + gap + width >= frame->terminal.columns) {
        putchar('\n');
        *column = 0;
    } else if (*column > 0) {
        printf("%*s", (int)gap, "");
        *column += gap;
    }
    *column += width;
}

static void print_legend(const struct frame *frame)
{
    static const char *const words[CELLS] = {
        [ASLEEP] = "asleep on a timer",
        [WAITING] = "waiting for another future",
        [WAKE] = "woken",
        [DONE] = "done",
        [FAILED] = "failed",
        [CANCELLED] = "cancelled",
        [RUNNING] = "held the loop",
    };
    static const enum cell order[] = {ASLEEP, WAITING, WAKE, DONE, FAILED, CANCELLED, RUNNING};
    bool is_coloured = frame->terminal.is_coloured;
    unsigned column = 0;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum cell cell = order[i];

        if ((cell == CANCELLED || cell == RUNNING) && !frame->is_painted[cell])
            continue;
        make_room(frame, &column, 2, (unsigned)strlen(words[cell]) + 2);
        printf("%s%s%s %s", is_coloured ? colours[cell] : "", signs_of(frame)[cell],
               is_coloured ? "\033[0m" : "", words[cell]);
    }
    putchar('\n');
}

static void print_lateness(const struct frame *frame, const struct crowd *crowd)
{
    char items[4][48];
    unsigned column = 0;

    snprintf(items[0], sizeof items[0], "%zu timers late by", crowd->timers);
    snprintf(items[1], sizeof items[1], "p50 %.3f ms,", (double)crowd->late_p50_ns / 1e6);
    snprintf(items[2], sizeof items[2], "p99 %.3f ms,", (double)crowd->late_p99_ns / 1e6);
    snprintf(items[3], sizeof items[3], "max %.3f ms", (double)crowd->late_max_ns / 1e6);
    for (size_t i = 0; i < 4; i++) {
        make_room(frame, &column, 1, (unsigned)strlen(items[i]));
        fputs(items[i], stdout);
    }
    putchar('\n');
}

/* How many were in flight: a sign for each column, from none to the most there were. */
static void print_crowd(const struct frame *frame)
{
    static const char *const steps[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    struct crowd crowd;

    crowd_measure(&crowd, frame->trace, frame->columns);
    text_print("tasks in flight", frame->label, frame->terminal.is_utf8);
    for (unsigned i = 0; i < frame->columns; i++) {
        unsigned step = (crowd.in_flight[i] * 8 + crowd.most - 1) / (crowd.most ? crowd.most : 1);

        if (frame->terminal.is_utf8)
            fputs(steps[step], stdout);
        else
            putchar(step ? (int)('0' + step) : ' ');
    }
    if (frame->time > 0)
        printf("%6u max", crowd.most);
    putchar('\n');
    print_lateness(frame, &crowd);
}

void timeline_print(const struct edo_trace *trace)
{
    struct frame frame;
    uint64_t dropped = edo_trace_dropped(trace);

    if (edo_trace_count(trace) == 0)
        return;
    frame_init(&frame, trace);
    print_axis(&frame);
    if (crowd_tasks(trace) >= CROWD_FROM) {
        print_crowd(&frame);
    } else {
        print_rows(&frame);
        print_legend(&frame);
    }
    if (dropped > 0)
        printf("the %" PRIu64 " oldest events were dropped\n", dropped);
}
