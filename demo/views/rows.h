/* SPDX-License-Identifier: MIT */
/* rows.h - what the pictures show: a row for each phase, task and future, nested as they belong
 * together, and what is in each row from when to when. */
#ifndef DEMO_ROWS_H
#define DEMO_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

/* A leaf (a sleep, a yield) has no row, nor has a future without a name of its own that awaits just
 * one other, or that was ready in its first poll: they are shown in the row of who awaits them. Nor
 * has a task's own future, which is the task. */
enum row_kind { ROW_PHASE, ROW_TASK, ROW_FUTURE };

struct row {
    enum row_kind kind;
    const char *name;
    uint32_t id;       /* a task's id, a future's number; else 0 */
    uint32_t task;     /* whose it is */
    unsigned depth;    /* how many rows it is nested in */
    size_t begin, end; /* steps */
    size_t parent;     /* private */
};

struct rows {
    const struct model *model;
    struct row *array; /* from top to bottom */
    size_t count;
};

/* What is in a row; the later kinds are to cover the earlier. */
enum span_kind {
    SPAN_WAITING, /* for another future, a task, an fd: its whole life */
    SPAN_ASLEEP,  /* on a timer, until its deadline */
    SPAN_OVERDUE, /* from the deadline until the task was polled, or the end; has its timer */
    SPAN_BUSY,    /* in its poll */
    SPAN_WAKE,    /* an instant */
    SPAN_STUCK,   /* nothing could wake it any more */
    SPAN_DONE,    /* the end, an instant */
    SPAN_FAILED,
    SPAN_CANCELLED,
};

struct span {
    enum span_kind kind;
    uint64_t from_ns, to_ns;
    const struct model_source *timer;   /* of ASLEEP and OVERDUE */
    const struct edo_trace_event *wake; /* of WAKE */
};

/* Of a model, which must stay until rows_close. With more than `most` rows, those of futures are
 * left out. false: no memory. */
bool rows_open(struct rows *rows, const struct model *model, size_t most);
void rows_close(struct rows *rows);

/* The index of a task's row, SIZE_MAX if it has none. */
size_t rows_of_task(const struct rows *rows, uint32_t task);

/* Calls `draw` for each span of a row, in no order. */
void rows_each_span(const struct rows *rows, const struct row *row,
                    void (*draw)(const struct span *span, void *data), void *data);

#endif
