/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "axis.h"
#include "crowd.h"
#include "edo.h"
#include "errno_name.h"
#include "model.h"
#include "rows.h"
#include "text.h"
#include "words.h"

/* In pixels of a picture that is 960 wide; it scales. */
enum {
    WIDTH = 960,
    LEFT = 170,  /* where time begins: labels stand before it */
    RIGHT = 800, /* where it ends: durations stand behind it */
    TOP = 34,    /* where rows begin: the axis stands above */
    ROW = 28,
    BAR = 16,
    MARGIN = 12,
    INDENT = 14,        /* of what is nested */
    CROWD_ROWS = 6,     /* how high the number in flight is, */
    LATE_ROWS = 3,      /* and lateness below it */
    LONG_ERROR = 7,     /* a name of an errno that is longer has no room behind the durations */
    LINE = ROW / 2 + 4, /* from where a row begins down to its text */
    SMALL_LINE = 16,    /* of the text below */
    LETTER = 8,         /* how wide one is, mostly, or less */
    SMALL_LETTER = 7,
    MOST_ROWS = 60 /* of more, those of futures are left out */
};

/* A poll that took less is never shown. */
#define SLOW EDO_MS(1)

/* Plain rules for light ground, and for dark ground the same again: not every viewer knows
 * variables. */
static const char style[] =
    "<style>\n"
    ".ground{fill:#fff}\n"
    "text{font:13px system-ui,sans-serif;fill:#1c2330}\n"
    ".soft{fill:#667085;font-size:12px}\n"
    ".lead{font-size:12px}\n"
    ".mid{text-anchor:middle}\n"
    ".band{fill:#f2f4f7}\n"
    ".wait{fill:#cbd5e6}\n"
    ".sleep{fill:#2f6fde}\n"
    ".busy{fill:#475467}\n"
    ".late{fill:#b0219a}\n"
    ".on{fill:#fff;font-size:12px}\n"
    ".note{fill:#b0219a;font-size:12px}\n"
    ".stuck{fill:none;stroke:#b0219a;stroke-width:1.5;stroke-dasharray:5 3}\n"
    ".failed{fill:none;stroke:#c92a2a;stroke-width:2.5}\n"
    ".bad{fill:#c92a2a}\n"
    ".grid{stroke:#667085;stroke-opacity:.25}\n"
    ".wake{stroke:#e8590c;stroke-width:1.5;fill:none;marker-end:url(#head)}\n"
    ".head{fill:#e8590c}\n"
    "@media(prefers-color-scheme:dark){\n"
    ".ground{fill:#12161d}text{fill:#e6e9ef}.soft{fill:#98a2b3}.band{fill:#1d2430}\n"
    ".wait{fill:#3f4c60}.sleep{fill:#6ea0ff}.busy{fill:#c3cad6}.late{fill:#f08ce0}\n"
    ".on{fill:#12161d}.note{fill:#f08ce0}.stuck{stroke:#f08ce0}.failed{stroke:#ff6b6b}\n"
    ".bad{fill:#ff6b6b}.wake{stroke:#ff922b}.head{fill:#ff922b}}\n"
    "</style>\n";

/* What the legend has to explain. */
enum sign { SLEEP, WAIT, WAKES, BUSY, LATE, STUCK, FAILED, SIGNS };

struct picture {
    const struct model *model;
    const struct rows *rows; /* NULL: a crowd */
    FILE *file;
    uint64_t begin_ns;
    uint64_t end_ns;
    int height; /* of all rows */
    bool has[SIGNS];
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

static int y_of(size_t row)
{
    return TOP + ROW * (int)row;
}

static int bottom(const struct picture *picture)
{
    return TOP + picture->height;
}

/* As much of it as so many columns hold. Returns how many it took. */
static unsigned write_text(const char *text, unsigned columns, FILE *file)
{
    unsigned left = columns;
    const char *end = text_cut(text, &left, true);

    while (text < end) {
        uint32_t code = text_next_shown(&text);

        if (code == '<' || code == '>' || code == '&')
            fprintf(file, "&#%" PRIu32 ";", code);
        else
            text_put(code, file);
    }
    fputs(*end == '\0' ? "" : "\xe2\x80\xa6", file);
    return columns - left;
}

static unsigned width_of(const char *text)
{
    unsigned left = WORDS_SIZE;

    text_cut(text, &left, true);
    return WORDS_SIZE - left;
}

/* --- What is in a row ------------------------------------------------------------------------- */

/* A row while it is drawn. */
struct strip {
    struct picture *picture;
    const struct row *row;
    int y;
    enum span_kind kind; /* the one that is drawn now */
};

static void write_bar(const struct strip *strip, const char *class, const struct span *span,
                      const char *what)
{
    const struct picture *picture = strip->picture;
    double x = x_of(picture, span->from_ns);

    fprintf(picture->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\">"
            "<title>",
            class, x, strip->y + (ROW - BAR) / 2, x_of(picture, span->to_ns) - x, BAR);
    write_text(what, WORDS_SIZE, picture->file);
    fprintf(picture->file, " from %.3f to %.3f ms</title></rect>\n", ms_of(picture, span->from_ns),
            ms_of(picture, span->to_ns));
}

static void write_words(const struct strip *strip, double x, const char *class, const char *words)
{
    FILE *file = strip->picture->file;

    fprintf(file, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">", class, x + 5, strip->y + LINE);
    write_text(words, WORDS_SIZE, file);
    fputs("</text>\n", file);
}

/* A bar with its words in it, or behind it where the row ends with it, if there is room. */
static void write_bar_of_words(const struct strip *strip, const char *class,
                               const struct span *span, const char *words, const char *class_inside)
{
    const struct picture *picture = strip->picture;
    double x = x_of(picture, span->from_ns), end = x_of(picture, span->to_ns);
    unsigned width = width_of(words) * SMALL_LETTER + 8;

    write_bar(strip, class, span, words);
    if (end - x >= width)
        write_words(strip, x, class_inside, words);
    else if (end - x >= 1 && end + width <= (double)RIGHT &&
             x_of(picture, model_time(picture->model, strip->row->end)) - end < 1)
        write_words(strip, end, "note", words);
}

static bool is_visible(const struct picture *picture, const struct span *span)
{
    return x_of(picture, span->to_ns) - x_of(picture, span->from_ns) >= 1;
}

static void write_overdue(const struct strip *strip, const struct span *span)
{
    struct picture *picture = strip->picture;
    char words[WORDS_SIZE];

    picture->has[LATE] = picture->has[LATE] || is_visible(picture, span);
    words_overdue(picture->model, span->timer, words);
    write_bar_of_words(strip, "late", span, words, "on");
}

static void write_busy(const struct strip *strip, const struct span *span)
{
    if (!is_visible(strip->picture, span) || span->to_ns - span->from_ns < SLOW)
        return;
    strip->picture->has[BUSY] = true;
    write_bar_of_words(strip, "busy", span, "busy: holds the loop", "on");
}

/* From the bar of the task that woke to the bar of the one that was woken. */
static void write_wake(const struct strip *strip, const struct edo_trace_event *wake)
{
    struct picture *picture = strip->picture;
    size_t from = rows_of_task(picture->rows, wake->other);
    int gap = y_of(from) > strip->y ? BAR / 2 + 5 : -BAR / 2 - 5;

    if (wake->other == 0 || from == SIZE_MAX || y_of(from) == strip->y)
        return;
    picture->has[WAKES] = true;
    fprintf(picture->file,
            "<path class=\"wake\" d=\"M%.1f %dV%d\"><title>woken at %.3f ms</title></path>\n",
            x_of(picture, wake->t_ns), y_of(from) + ROW / 2, strip->y + ROW / 2 + gap,
            ms_of(picture, wake->t_ns));
}

static void write_failed(const struct strip *strip)
{
    const struct model *model = strip->picture->model;
    const struct span life = {.from_ns = model_time(model, strip->row->begin),
                              .to_ns = model_time(model, strip->row->end)};

    write_bar(strip, "failed", &life, "failed");
}

static void write_span(const struct span *span, void *data)
{
    const struct strip *strip = data;
    bool *has = strip->picture->has;

    if (span->kind != strip->kind)
        return;
    switch (span->kind) {
    case SPAN_WAITING:
        has[WAIT] = true;
        write_bar(strip, "wait", span, "waiting");
        break;
    case SPAN_ASLEEP:
        has[SLEEP] = true;
        write_bar(strip, "sleep", span, "asleep");
        break;
    case SPAN_OVERDUE:
        write_overdue(strip, span);
        break;
    case SPAN_STUCK:
        has[STUCK] = true;
        write_bar_of_words(strip, "stuck", span, "nothing can wake it any more", "soft");
        break;
    case SPAN_BUSY:
        write_busy(strip, span);
        break;
    case SPAN_WAKE:
        write_wake(strip, span->wake);
        break;
    case SPAN_FAILED:
        has[FAILED] = true;
        write_failed(strip);
        break;
    case SPAN_DONE:
    case SPAN_CANCELLED:
        break;
    }
}

/* --- Rows ------------------------------------------------------------------------------------- */

/* What stands behind a row: how long it took, and how it ended, unless it was done. */
static void write_end(const struct picture *picture, const struct row *row, int y)
{
    const struct model_task *task =
        row->kind == ROW_TASK ? model_task(picture->model, row->id) : NULL;
    const struct model_future *future =
        row->kind == ROW_FUTURE ? model_future(picture->model, row->id) : NULL;
    const char *outcome = task != NULL ? task->outcome : future != NULL ? future->outcome : NULL;
    const char *class = "", *sign = "", *error = "", *fit;

    if (task != NULL && task->is_stuck) {
        sign = " stuck";
    } else if (outcome == NULL) {
        sign = row->kind == ROW_PHASE ? "" : " \xe2\x80\xa6"; /* it goes on */
    } else if (strcmp(outcome, "EDO_CANCELLED") == 0) {
        sign = " \xe2\x97\x8b cancelled";
    } else if (strcmp(outcome, "EDO_DONE") != 0) {
        class = " class=\"bad\"";
        sign = " \xe2\x9c\x97 ";
        error = task != NULL ? errno_name(task->error) : "failed";
    }
    /* Squeezed into the room that there is. */
    fit = strlen(error) > LONG_ERROR ? " textLength=\"145\" lengthAdjust=\"spacingAndGlyphs\"" : "";
    fprintf(
        picture->file, "<text%s%s x=\"%d\" y=\"%d\">%.1f ms%s%s</text>\n", class, fit, RIGHT + 10,
        y + LINE,
        (double)(model_time(picture->model, row->end) - model_time(picture->model, row->begin)) /
            1e6,
        sign, error);
}

static void write_label(const struct picture *picture, const struct row *row, int y)
{
    unsigned depth = row->depth < 5 ? row->depth : 5;
    int x = MARGIN + INDENT * (int)depth;
    unsigned columns = (unsigned)(LEFT - MARGIN / 2 - x) / (LETTER - 1);

    fprintf(picture->file, "<text%s x=\"%d\" y=\"%d\">",
            row->kind == ROW_PHASE ? " class=\"soft\"" : "", x, y + LINE);
    write_text(row->name, columns, picture->file);
    if (width_of(row->name) > columns) {
        fputs("<title>", picture->file);
        write_text(row->name, WORDS_SIZE, picture->file);
        fputs("</title>", picture->file);
    }
    fputs("</text>\n", picture->file);
}

/* A ground for a phase and all that is nested in it. */
static void write_band(const struct picture *picture, size_t i)
{
    const struct row *phase = &picture->rows->array[i];
    double x = x_of(picture, model_time(picture->model, phase->begin));
    double width = x_of(picture, model_time(picture->model, phase->end)) - x;
    size_t end = i + 1;

    while (end < picture->rows->count && picture->rows->array[end].depth > phase->depth)
        end++;
    if (width <= 0)
        return;
    fprintf(picture->file,
            "<rect class=\"band\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"4\"/>\n", x,
            y_of(i) + 3, width, ROW * (int)(end - i) - 4);
}

/* In layers: what is written later lies above. */
static void write_row(struct picture *picture, size_t i, enum span_kind first, enum span_kind last)
{
    const struct row *row = &picture->rows->array[i];
    struct strip strip = {.picture = picture, .row = row, .y = y_of(i)};

    for (strip.kind = first; strip.kind <= last; strip.kind++)
        rows_each_span(picture->rows, row, write_span, &strip);
}

static void write_rows(struct picture *picture)
{
    size_t count = picture->rows->count;

    for (size_t i = 0; i < count; i++) {
        write_label(picture, &picture->rows->array[i], y_of(i));
        write_row(picture, i, SPAN_WAITING, SPAN_BUSY);
        write_row(picture, i, SPAN_STUCK, SPAN_CANCELLED);
        write_end(picture, &picture->rows->array[i], y_of(i));
    }
    for (size_t i = 0; i < count; i++)
        write_row(picture, i, SPAN_WAKE, SPAN_WAKE);
}

static void write_axis(const struct picture *picture)
{
    uint64_t total_ns = picture->end_ns - picture->begin_ns;
    uint64_t step_ns = axis_step(total_ns, 8);
    uint64_t unit_ns = axis_unit(total_ns, step_ns);

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

/* --- A crowd ---------------------------------------------------------------------------------- */

static void write_heights(const struct picture *picture, const char *class, int base, int height,
                          const double *shares)
{
    fprintf(picture->file, "<path class=\"%s\" d=\"M%d %d", class, LEFT, base);
    for (unsigned i = 0; i < CROWD_COLUMNS; i++)
        fprintf(picture->file, "V%.1fH%.1f", base - shares[i] * height,
                (double)LEFT + (double)(i + 1) / (double)CROWD_COLUMNS * (double)(RIGHT - LEFT));
    fprintf(picture->file, "V%dz\"><title>", base);
}

/* Two areas, each as high as the most there was: in flight, and below it how late. */
static void write_crowd(const struct picture *picture, const struct crowd *crowd)
{
    const int late_base = bottom(picture), base = late_base - ROW * LATE_ROWS - 4;
    uint64_t latest_ns = crowd->lateness.most_ns;
    double shares[CROWD_COLUMNS];

    for (unsigned i = 0; i < CROWD_COLUMNS; i++)
        shares[i] = (double)crowd->in_flight[i] / (crowd->most ? crowd->most : 1);
    write_heights(picture, "sleep", base, ROW * CROWD_ROWS, shares);
    fputs("tasks in flight</title></path>\n", picture->file);
    for (unsigned i = 0; i < CROWD_COLUMNS; i++)
        shares[i] = latest_ns > 0 ? (double)crowd->late_ns[i] / (double)latest_ns : 0;
    write_heights(picture, "late", late_base, ROW * LATE_ROWS - 8, shares);
    fputs("the latest of the timers that were due then</title></path>\n", picture->file);
    fprintf(picture->file,
            "<text x=\"%d\" y=\"%d\">tasks in flight</text>\n"
            "<text x=\"%d\" y=\"%d\">%u max</text>\n"
            "<text x=\"%d\" y=\"%d\">latest timer</text>\n"
            "<text x=\"%d\" y=\"%d\">%.3f ms max</text>\n",
            MARGIN, base - ROW * CROWD_ROWS / 2, RIGHT + 10, base - ROW * CROWD_ROWS + 12,
            crowd->most, MARGIN, late_base - ROW, RIGHT + 10, late_base - ROW * LATE_ROWS + 18,
            (double)latest_ns / 1e6);
}

/* --- What stands below ------------------------------------------------------------------------ */

static void write_legend(struct picture *picture, int y)
{
    static const struct {
        const char *class, *words;
        int width;
    } signs[SIGNS] = {
        [SLEEP] = {"sleep", "asleep on a timer", 145},
        [WAIT] = {"wait", "waiting for another future", 195},
        [WAKES] = {"wake", "wakes", 78},
        [BUSY] = {"busy", "busy in a poll", 120},
        [LATE] = {"late", "overdue", 92},
        [STUCK] = {"stuck", "waits for ever", 122},
        [FAILED] = {"failed", "failed", 78},
    };
    int x = LEFT;

    for (int i = 0; i < SIGNS; i++) {
        if (!picture->has[i])
            continue;
        if (i == WAKES)
            fprintf(picture->file, "<path class=\"wake\" d=\"M%d %dh18\"/>", x, y + 5);
        else
            fprintf(picture->file,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"24\" height=\"10\" rx=\"2\"/>",
                    signs[i].class, x, y);
        fprintf(picture->file, "<text class=\"soft\" x=\"%d\" y=\"%d\">%s</text>\n", x + 30, y + 9,
                signs[i].words);
        x += signs[i].width;
    }
}

/* Another line of text at *y, which moves on. */
static void write_line(const struct picture *picture, int *y, const char *class, const char *text)
{
    if (*text == '\0')
        return;
    fprintf(picture->file, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, LEFT, *y);
    write_text(text, WORDS_SIZE, picture->file);
    fputs("</text>\n", picture->file);
    *y += SMALL_LINE;
}

static void write_percentiles(const struct picture *picture, int *y, const struct crowd *crowd)
{
    char text[WORDS_SIZE];

    snprintf(text, sizeof text, "%zu timers late by p50 %.3f ms, p99 %.3f ms, max %.3f ms",
             crowd->timers, (double)lateness_percentile(&crowd->lateness, 50) / 1e6,
             (double)lateness_percentile(&crowd->lateness, 99) / 1e6,
             (double)crowd->lateness.most_ns / 1e6);
    write_line(picture, y, "soft", text);
    words_faults(crowd, text);
    write_line(picture, y, "soft", text);
}

static void write_latest(const struct picture *picture, int *y)
{
    char text[WORDS_SIZE];

    words_latest(picture->model, text);
    write_line(picture, y, "lead", text);
    words_parts(picture->model, text);
    write_line(picture, y, "soft", text);
    words_dropped(picture->model, text);
    write_line(picture, y, "soft", text);
}

/* --- The whole -------------------------------------------------------------------------------- */

static void write_head(FILE *file, int height)
{
    fprintf(file,
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

static void write_picture(struct picture *picture, int lines)
{
    static struct crowd crowd;
    int y;

    write_head(picture->file, bottom(picture) + 26 + lines * SMALL_LINE);
    for (size_t i = 0; picture->rows != NULL && i < picture->rows->count; i++)
        if (picture->rows->array[i].kind == ROW_PHASE)
            write_band(picture, i);
    write_axis(picture);
    y = bottom(picture) + 24;
    if (picture->rows != NULL) {
        write_rows(picture);
        write_legend(picture, bottom(picture) + 12);
        y += SMALL_LINE + 2;
    } else {
        crowd_measure(&crowd, picture->model, CROWD_COLUMNS);
        write_crowd(picture, &crowd);
        write_percentiles(picture, &y, &crowd);
    }
    write_latest(picture, &y);
    fputs("</svg>\n", picture->file);
}

static void write_model(const struct model *model, const struct rows *rows, FILE *file)
{
    const struct model_source *latest = model_latest(model);
    struct picture picture = {
        .model = model,
        .rows = rows,
        .file = file,
        .begin_ns = model_time(model, 0),
        .end_ns = model_time(model, MODEL_NEVER),
        .height = rows != NULL ? ROW * (int)rows->count : ROW * (CROWD_ROWS + LATE_ROWS) + 4,
    };
    int lines = (rows != NULL ? 2 : 3) + (latest != NULL && latest->late.total_ns > 0) +
                (edo_trace_dropped(model->trace) > 0);

    if (picture.end_ns == picture.begin_ns)
        picture.end_ns++;
    write_picture(&picture, lines);
}

static void write_refusal(const char *why, FILE *file)
{
    write_head(file, ROW);
    fprintf(file, "<text x=\"%d\" y=\"%d\">no picture: %s</text>\n</svg>\n", MARGIN, LINE, why);
}

void svg_write(const struct edo_trace *trace, FILE *file)
{
    struct model model;
    struct rows rows = {0};
    bool is_there, is_crowd;

    if (edo_trace_count(trace) == 0) {
        write_refusal("nothing was recorded", file);
        return;
    }
    is_there = model_open(&model, trace);
    is_crowd = is_there && crowd_tasks(&model) >= CROWD_FROM;
    if (is_there && !is_crowd)
        is_there = rows_open(&rows, &model, MOST_ROWS);
    if (is_there)
        write_model(&model, is_crowd ? NULL : &rows, file);
    else
        write_refusal(model.refusal ? model.refusal : "no memory", file);
    rows_close(&rows);
    model_close(&model);
}
