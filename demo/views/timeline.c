/* SPDX-License-Identifier: MIT */
#include "timeline.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "axis.h"
#include "crowd.h"
#include "edo.h"
#include "model.h"
#include "rows.h"
#include "terminal.h"
#include "text.h"
#include "words.h"

enum {
    MOST_COLUMNS = CROWD_COLUMNS,
    MOST_ROWS = 60, /* of more, those of futures are left out */
    MOST_NOTES = 3, /* lines below a row */
};

/* A poll that took less is never shown. */
#define SLOW EDO_MS(1)

/* What a place in a row shows: those of rows.h, of which the later cover the earlier. */
enum cell {
    EMPTY,
    RULE,
    WAITING,
    ASLEEP,
    OVERDUE,
    BUSY,
    WAKE,
    STUCK,
    DONE,
    FAILED,
    CANCELLED,
    CELLS
};

static_assert(CANCELLED - WAITING == SPAN_CANCELLED && BUSY - WAITING == SPAN_BUSY,
              "a cell for each kind of span, in the same order");

static const char *const ascii[CELLS] = {" ", "-", ".", "#", "!", "=", "*", "?", "+", "x", "o"};
static const char *const utf8[CELLS] = {" ", "─", "░", "█", "!", "▒", "•", "?", "✓", "✗", "○"};
static const char *const colours[CELLS] = {
    [EMPTY] = "",
    [RULE] = "",
    [WAITING] = "\033[2m",
    [ASLEEP] = "\033[94m",
    [OVERDUE] = "\033[1;35m",
    [STUCK] = "\033[1;35m",
    [BUSY] = "\033[36m",
    [WAKE] = "\033[33m",
    [DONE] = "\033[32m",
    [FAILED] = "\033[31m",
    [CANCELLED] = "",
};
static const char plain[] = "\033[0m";

/* The picture: from when to when, and in how many columns. */
struct frame {
    const struct model *model;
    struct terminal terminal;
    uint64_t begin_ns;
    uint64_t end_ns;
    unsigned label;   /* columns of the names, which stand before the cells */
    unsigned indent;  /* of what is nested, in columns */
    unsigned columns; /* of cells */
    unsigned time;    /* columns of the durations, which stand behind them */
    bool is_painted[CELLS];
};

static unsigned width_of(const char *text, bool is_utf8)
{
    const unsigned most = 1000;
    unsigned left = most;

    text_cut(text, &left, is_utf8);
    return most - left;
}

/* How many columns the longest name takes where each level is moved in by so many. */
static unsigned label_with(const struct frame *frame, const struct rows *rows, unsigned indent)
{
    unsigned label = 0;

    for (size_t i = 0; i < rows->count; i++) {
        unsigned width = width_of(rows->array[i].name, frame->terminal.is_utf8) +
                         rows->array[i].depth * indent + 1;

        label = width > label ? width : label;
    }
    return label;
}

/* On a narrow terminal what is nested is moved in by less, then names are cut off; on a very narrow
 * one there are no durations. The last column stays free: where it is printed to, some terminals go
 * on to the next line. */
static void frame_init(struct frame *frame, const struct model *model, const struct rows *rows)
{
    unsigned width, most, others;

    *frame = (struct frame){.model = model,
                            .begin_ns = model_time(model, 0),
                            .end_ns = model_time(model, MODEL_NEVER),
                            .indent = 2};
    if (frame->end_ns == frame->begin_ns)
        frame->end_ns++;
    terminal_look(&frame->terminal);
    width = frame->terminal.columns;
    most = width < 28 ? width / 2 : width < 48 ? 16 : width < 60 ? 18 : 24;
    while (frame->indent > 0 && label_with(frame, rows, frame->indent) > most)
        frame->indent--;
    frame->label = label_with(frame, rows, frame->indent);
    if (frame->label < 18) /* so that most pictures look alike */
        frame->label = 18;
    if (frame->label > most)
        frame->label = most;
    frame->time = width < 38 ? 0 : 10;
    others = frame->label + frame->time + 1;
    frame->columns = width > others ? width - others : 1;
    if (frame->columns > MOST_COLUMNS)
        frame->columns = MOST_COLUMNS;
}

static unsigned column_of(const struct frame *frame, uint64_t t_ns)
{
    uint64_t at_ns = t_ns - frame->begin_ns;
    uint64_t total_ns = frame->end_ns - frame->begin_ns;

    /* Whole numbers, so that a tie falls the same way on every machine; halved until the product
     * fits. */
    for (; total_ns > UINT64_MAX / 2 / frame->columns; total_ns /= 2)
        at_ns /= 2;
    return (unsigned)((2 * at_ns * (frame->columns - 1) + total_ns) / (2 * total_ns));
}

/* Whether it is at least one column wide. */
static bool is_wide(const struct frame *frame, const struct span *span)
{
    return span->to_ns - span->from_ns >= (frame->end_ns - frame->begin_ns) / frame->columns;
}

/* --- Words ------------------------------------------------------------------------------------ */

/* A line of several items, which goes on in the next where the terminal ends, moved in by `hang`.
 * `column`: of the cursor. */
static void make_room(const struct frame *frame, unsigned *column, unsigned gap, unsigned width,
                      unsigned hang)
{
    if (*column > 0 && *column + gap + width >= frame->terminal.columns) {
        printf("\n%*s", (int)hang, "");
        *column = hang;
    } else if (*column > 0) {
        printf("%*s", (int)gap, "");
        *column += gap;
    }
    *column += width;
}

/* A sentence, from column `begin` on. */
static void print_words(const struct frame *frame, const char *text, unsigned begin)
{
    unsigned hang = begin + 2 < frame->terminal.columns / 2 ? begin + 2 : 2, column = begin;
    bool is_utf8 = frame->terminal.is_utf8, is_first = true;

    printf("%*s", (int)begin, "");
    while (*text != '\0') {
        char word[WORDS_SIZE];
        size_t length = strcspn(text, " ");
        unsigned width;

        snprintf(word, sizeof word, "%.*s", (int)length, text);
        width = width_of(word, is_utf8);
        if (is_first)
            column += width;
        else
            make_room(frame, &column, 1, width, hang);
        is_first = false;
        text_print(word, width, is_utf8);
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

/* --- Rows ------------------------------------------------------------------------------------- */

/* A row while it is painted, and what is to be said below it. */
struct strip {
    struct frame *frame;
    enum cell cells[MOST_COLUMNS];
    bool is_failed;
    const struct model_source *notes[MOST_NOTES];
    unsigned columns[MOST_NOTES]; /* where they begin */
    size_t note_count;            /* in all */
};

static void paint(struct strip *strip, uint64_t from_ns, uint64_t to_ns, enum cell cell)
{
    struct frame *frame = strip->frame;

    frame->is_painted[cell] = true;
    for (unsigned i = column_of(frame, from_ns); i <= column_of(frame, to_ns); i++)
        if (strip->cells[i] < cell)
            strip->cells[i] = cell;
}

static void add_note(struct strip *strip, const struct span *span)
{
    if (strip->note_count < MOST_NOTES) {
        strip->notes[strip->note_count] = span->timer;
        strip->columns[strip->note_count] = column_of(strip->frame, span->from_ns);
    }
    strip->note_count++;
}

static void paint_span(const struct span *span, void *data)
{
    struct strip *strip = data;

    switch (span->kind) {
    case SPAN_OVERDUE:
        if (!is_wide(strip->frame, span)) { /* a part of its sleep, then */
            paint(strip, span->from_ns, span->to_ns, ASLEEP);
            return;
        }
        add_note(strip, span);
        break;
    case SPAN_BUSY:
        if (!is_wide(strip->frame, span) || span->to_ns - span->from_ns < SLOW)
            return;
        break;
    case SPAN_FAILED:
        strip->is_failed = true;
        break;
    case SPAN_WAITING:
    case SPAN_ASLEEP:
    case SPAN_STUCK:
    case SPAN_WAKE:
    case SPAN_DONE:
    case SPAN_CANCELLED:
        break;
    }
    paint(strip, span->from_ns, span->to_ns, (enum cell)((unsigned)WAITING + (unsigned)span->kind));
}

static const char *const *signs_of(const struct frame *frame)
{
    return frame->terminal.is_utf8 ? utf8 : ascii;
}

static const char *colour_of(const struct strip *strip, enum cell cell)
{
    return strip->is_failed && (cell == WAITING || cell == ASLEEP) ? colours[FAILED]
                                                                   : colours[cell];
}

static void print_cells(const struct strip *strip)
{
    const struct frame *frame = strip->frame;
    enum cell last = EMPTY;

    for (unsigned i = 0; i < frame->columns; i++) {
        enum cell cell = strip->cells[i];

        if (frame->terminal.is_coloured && cell != last)
            printf("%s%s", plain, colour_of(strip, cell));
        last = cell;
        fputs(signs_of(frame)[cell], stdout);
    }
    if (frame->terminal.is_coloured)
        fputs(plain, stdout);
}

/* Nine columns, mostly. */
static void print_duration(uint64_t duration_ns)
{
    bool is_in_s = duration_ns >= EDO_S(100);

    printf("%7.1f %s", (double)duration_ns / (is_in_s ? 1e9 : 1e6), is_in_s ? "s" : "ms");
}

/* Below the place where it is overdue, or as near as there is room. */
static void print_note(const struct strip *strip, size_t i)
{
    const struct frame *frame = strip->frame;
    char text[WORDS_SIZE];
    unsigned width, begin = frame->label + strip->columns[i];

    words_overdue(frame->model, strip->notes[i], text);
    width = width_of(text, frame->terminal.is_utf8);
    if (begin + width >= frame->terminal.columns)
        begin = width + 3 < frame->terminal.columns ? frame->terminal.columns - 1 - width : 2;
    fputs(frame->terminal.is_coloured ? colours[OVERDUE] : "", stdout);
    print_words(frame, text, begin);
    fputs(frame->terminal.is_coloured ? plain : "", stdout);
}

static void print_notes(const struct strip *strip)
{
    for (size_t i = 0; i < strip->note_count && i < MOST_NOTES; i++)
        print_note(strip, i);
    if (strip->note_count > MOST_NOTES)
        printf("%*s... and %zu more\n", (int)strip->frame->label, "",
               strip->note_count - MOST_NOTES);
}

static void print_row(struct frame *frame, const struct rows *rows, const struct row *row)
{
    struct strip strip = {.frame = frame};
    uint64_t begin_ns = model_time(frame->model, row->begin);
    uint64_t end_ns = model_time(frame->model, row->end);
    unsigned indent = row->depth * frame->indent;

    if (row->kind == ROW_PHASE)
        paint(&strip, begin_ns, end_ns, RULE);
    rows_each_span(rows, row, paint_span, &strip);
    if (indent + 2 > frame->label)
        indent = 0; /* the name needs the room */
    printf("%*s", (int)indent, "");
    if (frame->label > 0) {
        text_print(row->name, frame->label - indent - 1, frame->terminal.is_utf8);
        putchar(' ');
    }
    print_cells(&strip);
    if (frame->time > 0)
        print_duration(end_ns - begin_ns);
    putchar('\n');
    print_notes(&strip);
}

/* The axis: ticks at round numbers, eight columns apart or more, on a narrow terminal five. */
static void print_axis(const struct frame *frame)
{
    uint64_t total_ns = frame->end_ns - frame->begin_ns;
    uint64_t step_ns = axis_step(total_ns, frame->columns / (frame->columns < 48 ? 5 : 8));
    uint64_t unit_ns = axis_unit(total_ns, step_ns);
    int most = (int)frame->terminal.columns - (int)frame->label;
    int column = 0;

    text_print(unit_ns == EDO_NS_PER_S ? "s" : "ms", frame->label, false);
    for (uint64_t i = 0; i <= total_ns / step_ns; i++) {
        int at = (int)column_of(frame, frame->begin_ns + i * step_ns);
        char number[24];
        int width = snprintf(number, sizeof number, "%" PRIu64, i * step_ns / unit_ns);

        if (i > 0 && (at <= column || at + width >= most))
            continue; /* a long number stands there, or the terminal ends */
        printf("%*s%s", at - column, "", number);
        column = at + width;
    }
    putchar('\n');
}

/* --- What stands below ------------------------------------------------------------------------ */

static void print_legend(const struct frame *frame)
{
    static const char *const words[CELLS] = {
        [ASLEEP] = "asleep on a timer",
        [WAITING] = "waiting for another future",
        [WAKE] = "woken",
        [DONE] = "done",
        [FAILED] = "failed",
        [CANCELLED] = "cancelled",
        [BUSY] = "busy, held the loop",
        [OVERDUE] = "overdue",
        [STUCK] = "waits for ever",
    };
    static const enum cell order[] = {ASLEEP, WAITING,   WAKE,  DONE,   FAILED,
                                      BUSY,   CANCELLED, STUCK, OVERDUE};
    bool is_coloured = frame->terminal.is_coloured;
    unsigned column = 0;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum cell cell = order[i];

        if (i > 4 && !frame->is_painted[cell]) /* those that are rare */
            continue;
        make_room(frame, &column, 2, (unsigned)strlen(words[cell]) + 2, 0);
        printf("%s%s%s %s", is_coloured ? colours[cell] : "", signs_of(frame)[cell],
               is_coloured ? plain : "", words[cell]);
    }
    putchar('\n');
}

static void print_latest(const struct frame *frame)
{
    char text[WORDS_SIZE];

    words_latest(frame->model, text);
    print_words(frame, text, 0);
    words_parts(frame->model, text);
    if (*text != '\0')
        print_words(frame, text, 2);
}

static void print_dropped(const struct frame *frame)
{
    char text[WORDS_SIZE];

    words_dropped(frame->model, text);
    if (*text != '\0')
        print_words(frame, text, 0);
}

/* --- A crowd ---------------------------------------------------------------------------------- */

/* From none to the most: up to eight steps of a sign in each column. */
static void print_heights(const struct frame *frame, const char *name, const uint64_t *values,
                          uint64_t most, const char *said)
{
    static const char *const steps[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

    text_print(name, frame->label, frame->terminal.is_utf8);
    for (unsigned i = 0; i < frame->columns; i++) {
        unsigned step = most > 0 ? (unsigned)((double)values[i] / (double)most * 8 + 0.999) : 0;

        if (frame->terminal.is_utf8)
            fputs(steps[step], stdout);
        else
            putchar(step ? (int)('0' + step) : ' ');
    }
    puts(frame->time > 0 ? said : "");
}

static void print_crowd(const struct frame *frame)
{
    static struct crowd crowd;
    uint64_t in_flight[MOST_COLUMNS] = {0};
    char text[WORDS_SIZE];

    crowd_measure(&crowd, frame->model, frame->columns);
    for (unsigned i = 0; i < frame->columns; i++)
        in_flight[i] = crowd.in_flight[i];
    snprintf(text, sizeof text, "%6u max", crowd.most);
    print_heights(frame, "tasks in flight", in_flight, crowd.most, text);
    snprintf(text, sizeof text, "%7.1f ms", (double)crowd.lateness.most_ns / 1e6);
    print_heights(frame, "latest timer", crowd.late_ns, crowd.lateness.most_ns, text);
    words_faults(&crowd, text);
    if (*text != '\0')
        print_words(frame, text, 0);
}

static void print_picture(const struct model *model, const struct rows *rows)
{
    struct frame frame;

    frame_init(&frame, model, rows);
    print_axis(&frame);
    if (crowd_tasks(model) >= CROWD_FROM) {
        print_crowd(&frame);
    } else {
        for (size_t i = 0; i < rows->count; i++)
            print_row(&frame, rows, &rows->array[i]);
        print_legend(&frame);
    }
    print_latest(&frame);
    print_dropped(&frame);
}

void timeline_print(const struct edo_trace *trace)
{
    struct model model;
    struct rows rows = {0};
    bool is_there;

    if (edo_trace_count(trace) == 0)
        return;
    is_there = model_open(&model, trace);
    if (is_there && crowd_tasks(&model) < CROWD_FROM)
        is_there = rows_open(&rows, &model, MOST_ROWS);
    if (is_there)
        print_picture(&model, &rows);
    else
        printf("no timeline: %s\n", model.refusal ? model.refusal : "no memory");
    rows_close(&rows);
    model_close(&model);
}
