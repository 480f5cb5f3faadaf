#include "timeline.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "crowd.h"
#include "edo.h"
#include "spans.h"

enum { LABEL_WIDTH = 18, TIME_WIDTH = 10, MOST_COLUMNS = CROWD_COLUMNS };

/* A poll that took longer is shown. */
#define SLOW EDO_MS(10)

/* What a place in a row shows; the later ones cover the earlier. */
enum cell { EMPTY, RULE, WAITING, ASLEEP, RUNNING, WAKE, DONE, FAILED, CANCELLED, CELLS };

static const char *const ascii[CELLS] = {" ", "-", ".", "#", "=", "*", "+", "x", "o"};
static const char *const utf8[CELLS] = {" ", "─", "░", "█", "▒", "•", "✓", "✗", "○"};
static const char *const colours[CELLS] = {
    "", "", "\033[2m", "\033[36m", "\033[34m", "\033[33m", "\033[32m", "\033[31m", "\033[35m"};

/* The picture: from when to when, and into how many columns. */
struct frame {
    const struct edo_trace *trace;
    uint64_t begin_ns;
    uint64_t end_ns;
    unsigned columns;
    bool is_utf8;
    bool is_coloured;
};

static bool is_utf8_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *locale = getenv(names[i]);
        const char *charset;

        if (locale == NULL || *locale == '\0')
            continue;
        charset = strchr(locale, '.');
        return charset != NULL &&
               (strcasecmp(charset, ".UTF-8") == 0 || strcasecmp(charset, ".UTF8") == 0);
    }
    return false;
}

static unsigned terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 40)
        return 80;
    return size.ws_col;
}

static void frame_init(struct frame *frame, const struct edo_trace *trace)
{
    const char *no_color = getenv("NO_COLOR");
    unsigned columns = terminal_width() - LABEL_WIDTH - TIME_WIDTH - 1;

    *frame = (struct frame){
        .trace = trace,
        .begin_ns = edo_trace_at(trace, 0)->t_ns,
        .end_ns = edo_trace_at(trace, edo_trace_count(trace) - 1)->t_ns,
        .columns = columns < MOST_COLUMNS ? columns : MOST_COLUMNS,
        .is_utf8 = is_utf8_locale(),
        .is_coloured = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0'),
    };
    if (frame->end_ns == frame->begin_ns)
        frame->end_ns++;
}

static unsigned column_of(const struct frame *frame, uint64_t t_ns)
{
    double share = (double)(t_ns - frame->begin_ns) / (double)(frame->end_ns - frame->begin_ns);

    return (unsigned)(share * (frame->columns - 1) + 0.5);
}

static void paint(const struct frame *frame, enum cell *cells, uint64_t from_ns, uint64_t to_ns,
                  enum cell cell)
{
    for (unsigned i = column_of(frame, from_ns); i <= column_of(frame, to_ns); i++)
        if (cells[i] < cell)
            cells[i] = cell;
}

static void print_cells(const struct frame *frame, const enum cell *cells)
{
    enum cell last = EMPTY;

    for (unsigned i = 0; i < frame->columns; i++) {
        if (frame->is_coloured && cells[i] != last)
            printf("\033[0m%s", colours[cells[i]]);
        last = cells[i];
        fputs(frame->is_utf8 ? utf8[cells[i]] : ascii[cells[i]], stdout);
    }
    if (frame->is_coloured)
        fputs("\033[0m", stdout);
}

static void print_row(const struct frame *frame, const char *indent, const char *label,
                      const enum cell *cells, uint64_t duration_ns)
{
    int width = LABEL_WIDTH - (int)strlen(indent);

    printf("%s%-*.*s", indent, width, width - 1, label);
    print_cells(frame, cells);
    printf("%7.1f ms\n", (double)duration_ns / 1e6);
}

/* The axis: ticks at round numbers of ms, eight columns apart or more. */
static void print_axis(const struct frame *frame)
{
    uint64_t total_ns = frame->end_ns - frame->begin_ns;
    uint64_t step_ns = span_step(total_ns, frame->columns / 8);
    int column = 0;

    printf("%-*s", LABEL_WIDTH, "ms");
    for (uint64_t t_ns = 0; t_ns <= total_ns; t_ns += step_ns) {
        int at = (int)column_of(frame, frame->begin_ns + t_ns);

        column = at + printf("%*s%" PRIu64, at - column, "", t_ns / EDO_NS_PER_MS) - (at - column);
    }
    putchar('\n');
}

static enum cell cell_of_end(const char *state)
{
    if (strcmp(state, "EDO_DONE") == 0)
        return DONE;
    return strcmp(state, "EDO_FAILED") == 0 ? FAILED : CANCELLED;
}

/* When the poll ended that begins with event `i`. */
static uint64_t end_of_poll(const struct frame *frame, size_t i)
{
    for (i++; i < edo_trace_count(frame->trace); i++)
        if (edo_trace_at(frame->trace, i)->kind == EDO_TRACE_POLL_END)
            return edo_trace_at(frame->trace, i)->t_ns;
    return frame->end_ns;
}

/* Whether event `i` begins a poll that held the loop: all others had to wait meanwhile. */
static bool is_slow_poll(const struct frame *frame, size_t i)
{
    const struct edo_trace_event *event = edo_trace_at(frame->trace, i);

    return event->kind == EDO_TRACE_POLL_BEGIN && end_of_poll(frame, i) - event->t_ns > SLOW;
}

/* The row of the task that was spawned in event `first`. */
static void print_task(const struct frame *frame, size_t first, const char *indent)
{
    const struct edo_trace_event *spawn = edo_trace_at(frame->trace, first);
    enum cell cells[MOST_COLUMNS] = {EMPTY};
    uint64_t end_ns = frame->end_ns;

    for (size_t i = first; i < edo_trace_count(frame->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(frame->trace, i);

        if (event->task != spawn->task)
            continue;
        if (event->kind == EDO_TRACE_ARM)
            paint(frame, cells, event->t_ns, span_end_of_sleep(frame->trace, i), ASLEEP);
        else if (is_slow_poll(frame, i))
            paint(frame, cells, event->t_ns, end_of_poll(frame, i), RUNNING);
        else if (event->kind == EDO_TRACE_WAKE)
            paint(frame, cells, event->t_ns, event->t_ns, WAKE);
        else if (event->kind == EDO_TRACE_DONE) {
            end_ns = event->t_ns;
            paint(frame, cells, end_ns, end_ns, cell_of_end(event->to));
        }
    }
    paint(frame, cells, spawn->t_ns, end_ns, WAITING);
    print_row(frame, indent, spawn->name, cells, end_ns - spawn->t_ns);
}

static void print_phase(const struct frame *frame, size_t first)
{
    const struct edo_trace_event *phase = edo_trace_at(frame->trace, first);
    uint64_t end_ns = span_end_of_phase(frame->trace, first);
    enum cell cells[MOST_COLUMNS] = {EMPTY};

    paint(frame, cells, phase->t_ns, end_ns, RULE);
    print_row(frame, "", phase->name, cells, end_ns - phase->t_ns);
}

/* The signs that few pictures have. */
static void print_rare_signs(const struct frame *frame, const char *const *signs)
{
    bool is_cancelled = false, is_held = false;

    for (size_t i = 0; i < edo_trace_count(frame->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(frame->trace, i);

        if (event->kind == EDO_TRACE_DONE && cell_of_end(event->to) == CANCELLED)
            is_cancelled = true;
        is_held = is_held || is_slow_poll(frame, i);
    }
    if (is_cancelled)
        printf("%s cancelled%s", signs[CANCELLED], is_held ? "  " : "\n");
    if (is_held)
        printf("%s held the loop\n", signs[RUNNING]);
}

static void print_legend(const struct frame *frame)
{
    const char *const *signs = frame->is_utf8 ? utf8 : ascii;

    printf("%s asleep on a timer  %s waiting for another future  %s woken  %s done  %s failed\n",
           signs[ASLEEP], signs[WAITING], signs[WAKE], signs[DONE], signs[FAILED]);
    print_rare_signs(frame, signs);
}

/* How many were in flight: a sign for each column, from none to the most there were. */
static void print_crowd(const struct frame *frame)
{
    static const char *const steps[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    struct crowd crowd;

    crowd_measure(&crowd, frame->trace, frame->columns);
    printf("%-*s", LABEL_WIDTH, "tasks in flight");
    for (unsigned i = 0; i < frame->columns; i++) {
        unsigned step = (crowd.in_flight[i] * 8 + crowd.most - 1) / (crowd.most ? crowd.most : 1);

        if (frame->is_utf8)
            fputs(steps[step], stdout);
        else
            putchar(step ? (int)('0' + step) : ' ');
    }
    printf("%7u max\n", crowd.most);
    printf("%zu timers late by p50 %.3f ms, p99 %.3f ms, max %.3f ms\n", crowd.timers,
           (double)crowd.late_p50_ns / 1e6, (double)crowd.late_p99_ns / 1e6,
           (double)crowd.late_max_ns / 1e6);
}

static void print_rows(const struct frame *frame)
{
    const char *indent = "";

    for (size_t i = 0; i < edo_trace_count(frame->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(frame->trace, i);

        if (event->kind == EDO_TRACE_PHASE) {
            print_phase(frame, i);
            indent = "  ";
        } else if (event->kind == EDO_TRACE_SPAWN) {
            print_task(frame, i, indent);
        }
    }
    print_legend(frame);
}

void timeline_print(const struct edo_trace *trace)
{
    struct frame frame;
    uint64_t dropped = edo_trace_dropped(trace);

    if (edo_trace_count(trace) == 0)
        return;
    frame_init(&frame, trace);
    print_axis(&frame);
    if (crowd_tasks(trace) >= CROWD_FROM)
        print_crowd(&frame);
    else
        print_rows(&frame);
    if (dropped > 0)
        printf("the %" PRIu64 " oldest events were dropped\n", dropped);
}
