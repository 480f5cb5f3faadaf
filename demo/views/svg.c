/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "crowd.h"
#include "edo.h"
#include "spans.h"
#include "text.h"

/* In pixels of a picture that is 960 wide; it scales. */
enum {
    WIDTH = 960,
    LEFT = 140,  /* where time begins: labels stand before it */
    RIGHT = 860, /* where it ends: durations stand behind it */
    TOP = 58,    /* where rows begin: phases and axis stand above */
    ROW = 30,
    BAR = 16,
    CROWD_ROWS = 6,     /* how high a crowd is */
    LINE = ROW / 2 + 4, /* from where a row begins down to its text */
    LETTER = 8,         /* how wide one is, mostly, or less */
    LABEL = 18,         /* letters */
};

/* Plain rules for light ground, and for dark ground the same again: not every viewer knows
 * variables. */
static const char style[] =
    "<style>\n"
    ".ground{fill:#fff}\n"
    "text{font:13px system-ui,sans-serif;fill:#1c2330}\n"
    ".soft{fill:#667085;font-size:11px}\n"
    ".end{text-anchor:end}\n"
    ".mid{text-anchor:middle}\n"
    ".band{fill:#f2f4f7}\n"
    ".wait{fill:#cbd5e6}\n"
    ".sleep{fill:#2f6fde}\n"
    ".bad{fill:#c92a2a}\n"
    ".grid{stroke:#667085;stroke-opacity:.25}\n"
    ".wake{stroke:#d9480f;stroke-width:1.5;fill:none;marker-end:url(#head)}\n"
    ".head{fill:#d9480f}\n"
    "@media(prefers-color-scheme:dark){\n"
    ".ground{fill:#12161d}text{fill:#e6e9ef}.soft{fill:#98a2b3}.band{fill:#1d2430}\n"
    ".wait{fill:#3f4c60}.sleep{fill:#6ea0ff}.bad{fill:#ff6b6b}\n"
    ".wake{stroke:#ff922b}.head{fill:#ff922b}}\n"
    "</style>\n";

struct picture {
    const struct edo_trace *trace;
    FILE *file;
    uint64_t begin_ns;
    uint64_t end_ns;
    unsigned rows;
};

static double x_of(const struct picture *picture, uint64_t t_ns)
{
    double share =
        (double)(t_ns - picture->begin_ns) / (double)(picture->end_ns - picture->begin_ns);

    return (double)LEFT + share * (double)(RIGHT - LEFT);
}

static double ms_of(const struct picture *picture, uint64_t t_ns)
{
    return (double)(t_ns - picture->begin_ns) / 1e6;
}

/* The rows are in the order in which their tasks were spawned. -1: that was dropped from the trace.
 */
static int y_of_task(const struct picture *picture, uint32_t task)
{
    int y = TOP;

    for (size_t i = 0; i < edo_trace_count(picture->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(picture->trace, i);

        if (event->kind == EDO_TRACE_SPAWN && event->task == task)
            return y;
        y += event->kind == EDO_TRACE_SPAWN ? ROW : 0;
    }
    return -1;
}

static int bottom(const struct picture *picture)
{
    return TOP + ROW * (int)picture->rows;
}

/* As much of it as so many columns hold. */
static void write_name(const char *text, unsigned columns, FILE *file)
{
    const char *end = text_cut(text, &columns, true);

    while (text < end) {
        uint32_t code = text_next_shown(&text);

        if (code == '<' || code == '>' || code == '&')
            fprintf(file, "&#%" PRIu32 ";", code);
        else
            text_put(code, file);
    }
    fputs(*end == '\0' ? "</text>\n" : "\xe2\x80\xa6</text>\n", file);
}

static void write_bar(const struct picture *picture, const char *class, int y, uint64_t from_ns,
                      uint64_t to_ns, const char *what)
{
    double x = x_of(picture, from_ns);

    fprintf(picture->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\">"
            "<title>%s from %.3f to %.3f ms</title></rect>\n",
            class, x, y + (ROW - BAR) / 2, x_of(picture, to_ns) - x, BAR, what,
            ms_of(picture, from_ns), ms_of(picture, to_ns));
}

/* What stands behind a bar: how long the task took, and how it ended, unless it was done. */
static void write_end(const struct picture *picture, int y, uint64_t took_ns,
                      const struct edo_trace_event *done)
{
    const char *class = "", *sign = "";

    if (done == NULL)
        sign = " \xe2\x80\xa6"; /* it goes on */
    else if (strcmp(done->to, "EDO_CANCELLED") == 0)
        sign = " \xe2\x97\x8b";
    else if (strcmp(done->to, "EDO_DONE") != 0) {
        class = " class=\"bad\"";
        sign = " \xe2\x9c\x97";
    }
    fprintf(picture->file, "<text%s x=\"%d\" y=\"%d\">%.1f ms%s</text>\n", class, RIGHT + 10,
            y + LINE, (double)took_ns / 1e6, sign);
}

static void write_task(const struct picture *picture, size_t first)
{
    const struct edo_trace *trace = picture->trace;
    const struct edo_trace_event *spawn = edo_trace_at(trace, first);
    uint64_t end_ns = span_until(trace, first, EDO_TRACE_DONE);
    int y = y_of_task(picture, spawn->task);

    fprintf(picture->file, "<text class=\"end\" x=\"%d\" y=\"%d\">", LEFT - 10, y + LINE);
    write_name(spawn->name, LABEL, picture->file);
    write_bar(picture, "wait", y, spawn->t_ns, end_ns, "waiting");
    for (size_t i = first; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if (event->kind == EDO_TRACE_ARM && event->task == spawn->task)
            write_bar(picture, "sleep", y, event->t_ns, span_end_of_sleep(trace, i), "asleep");
    }
    write_end(picture, y, end_ns - spawn->t_ns, span_next(trace, first, EDO_TRACE_DONE));
}

static void write_phase(const struct picture *picture, size_t first)
{
    const struct edo_trace_event *phase = edo_trace_at(picture->trace, first);
    double x = x_of(picture, phase->t_ns) + 1;
    double width = x_of(picture, span_end_of_phase(picture->trace, first)) - x - 1;

    if (width <= 0)
        return;
    fprintf(picture->file,
            "<rect class=\"band\" x=\"%.1f\" y=\"8\" width=\"%.1f\" height=\"%d\" rx=\"4\"/>\n", x,
            width, bottom(picture) - 4);
    if (width < 3 * LETTER)
        return; /* no room for a name */
    fprintf(picture->file, "<text class=\"mid\" x=\"%.1f\" y=\"26\">", x + width / 2);
    write_name(phase->name, (unsigned)(width / (double)LETTER), picture->file);
}

static void write_axis(const struct picture *picture)
{
    uint64_t total_ns = picture->end_ns - picture->begin_ns;
    uint64_t step_ns = span_step(total_ns, 8);
    uint64_t unit_ns = span_unit(total_ns, step_ns);

    for (uint64_t i = 0; i <= total_ns / step_ns; i++) {
        double x = x_of(picture, picture->begin_ns + i * step_ns);

        fprintf(
            picture->file,
            "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text class=\"soft mid\" x=\"%.1f\" y=\"%d\">"
            "%" PRIu64 " %s</text>\n",
            x, TOP - 6, bottom(picture), x, TOP - 12, i * step_ns / unit_ns,
            unit_ns == EDO_NS_PER_S ? "s" : "ms");
    }
}

/* From the bar of the task that woke to the bar of the one that was woken. */
static void write_wake(const struct picture *picture, const struct edo_trace_event *wake)
{
    int from = y_of_task(picture, wake->other);
    int to = y_of_task(picture, wake->task);
    int gap = from > to ? BAR / 2 + 5 : -BAR / 2 - 5;
    double x = x_of(picture, wake->t_ns);

    if (from < 0 || to < 0 || from == to)
        return;
    fprintf(picture->file,
            "<path class=\"wake\" d=\"M%.1f %dV%d\"><title>woken at %.3f ms</title></path>\n", x,
            from + ROW / 2, to + ROW / 2 + gap, ms_of(picture, wake->t_ns));
}

/* Instead of rows: an area as high as the most there were, and the lateness in words. */
static void write_crowd(const struct picture *picture)
{
    const int height = ROW * (int)picture->rows;
    struct crowd crowd;

    crowd_measure(&crowd, picture->trace, CROWD_COLUMNS);
    fprintf(picture->file, "<path class=\"sleep\" d=\"M%d %d", LEFT, bottom(picture));
    for (unsigned i = 0; i < CROWD_COLUMNS; i++)
        fprintf(picture->file, "V%.1fH%.1f",
                bottom(picture) -
                    (double)crowd.in_flight[i] / (crowd.most ? crowd.most : 1) * height,
                (double)LEFT + (double)(i + 1) / (double)CROWD_COLUMNS * (double)(RIGHT - LEFT));
    fprintf(picture->file, "V%dz\"><title>tasks in flight</title></path>\n", bottom(picture));
    fprintf(
        picture->file,
        "<text class=\"end\" x=\"%d\" y=\"%d\">in flight</text>\n"
        "<text x=\"%d\" y=\"%d\">%u max</text>\n"
        "<text class=\"soft end\" x=\"%d\" y=\"%d\">%zu timers late by p50 %.3f ms, p99 %.3f ms, "
        "max %.3f ms</text>\n",
        LEFT - 10, TOP + height / 2, RIGHT + 10, TOP + 12, crowd.most, RIGHT, bottom(picture) + 21,
        crowd.timers, (double)crowd.late_p50_ns / 1e6, (double)crowd.late_p99_ns / 1e6,
        (double)crowd.late_max_ns / 1e6);
}

/* In layers: what is written later lies above. */
static void write_events(const struct picture *picture, enum edo_trace_kind kind)
{
    for (size_t i = 0; i < edo_trace_count(picture->trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(picture->trace, i);

        if (event->kind != kind)
            continue;
        if (kind == EDO_TRACE_PHASE)
            write_phase(picture, i);
        else if (kind == EDO_TRACE_SPAWN)
            write_task(picture, i);
        else
            write_wake(picture, event);
    }
}

static void write_head(const struct picture *picture, int height)
{
    fprintf(picture->file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\">\n"
            "<title>edo: who slept, who waited, who woke whom</title>\n%s"
            "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n"
            "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"6\" "
            "markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
            "class=\"head\"/></marker>"
            "</defs>\n",
            WIDTH, height, WIDTH, height, style);
}

static void write_legend(const struct picture *picture)
{
    int y = bottom(picture) + 12;

    fprintf(picture->file,
            "<rect class=\"sleep\" x=\"%d\" y=\"%d\" width=\"24\" height=\"10\" rx=\"2\"/>"
            "<text class=\"soft\" x=\"%d\" y=\"%d\">asleep on a timer</text>\n"
            "<rect class=\"wait\" x=\"%d\" y=\"%d\" width=\"24\" height=\"10\" rx=\"2\"/>"
            "<text class=\"soft\" x=\"%d\" y=\"%d\">waiting for another future</text>\n"
            "<path class=\"wake\" d=\"M%d %dh18\"/><text class=\"soft\" x=\"%d\" "
            "y=\"%d\">wakes</text>\n",
            LEFT, y, LEFT + 30, y + 9, LEFT + 150, y, LEFT + 180, y + 9, LEFT + 340, y + 5,
            LEFT + 370, y + 9);
}

static void write_dropped(const struct picture *picture)
{
    fprintf(picture->file,
            "<text class=\"soft\" x=\"%d\" y=\"%d\">%" PRIu64 " oldest events dropped</text>\n",
            LEFT, bottom(picture) + 37, edo_trace_dropped(picture->trace));
}

static void write_rows(const struct picture *picture)
{
    write_events(picture, EDO_TRACE_SPAWN);
    write_events(picture, EDO_TRACE_WAKE);
    write_legend(picture);
}

void svg_write(const struct edo_trace *trace, FILE *file)
{
    struct picture picture = {.trace = trace, .file = file, .rows = crowd_tasks(trace)};
    bool is_crowd = picture.rows >= CROWD_FROM;
    bool has_dropped = edo_trace_dropped(trace) > 0;

    if (edo_trace_count(trace) == 0)
        return;
    if (is_crowd)
        picture.rows = CROWD_ROWS;
    picture.begin_ns = span_first_ns(trace);
    picture.end_ns = span_last_ns(trace);
    if (picture.end_ns == picture.begin_ns)
        picture.end_ns++;
    write_head(&picture, bottom(&picture) + (has_dropped ? 46 : 30));
    write_events(&picture, EDO_TRACE_PHASE);
    write_axis(&picture);
    if (is_crowd)
        write_crowd(&picture);
    else
        write_rows(&picture);
    if (has_dropped)
        write_dropped(&picture);
    fputs("</svg>\n", file);
}
