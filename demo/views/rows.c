/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <string.h>

#include "room.h"

static const size_t none = SIZE_MAX;

static const struct edo_trace_event *event_at(const struct rows *rows, size_t step)
{
    return edo_trace_at(rows->model->trace, step);
}

/* --- Which rows there are --------------------------------------------------------------------- */

static bool has_waited(const struct model *model, const struct model_future *future)
{
    size_t end = future->ended < model->count ? future->ended : model->count;

    for (size_t i = future->began; i < end; i++) {
        const struct edo_trace_event *event = edo_trace_at(model->trace, i);

        if (event->kind == EDO_TRACE_POLL_END && event->task == future->task)
            return true;
    }
    return future->ended == MODEL_NEVER;
}

/* A future has one if it has a name of its own, or awaits several others and had to wait for them;
 * but not a task's own future. */
static bool has_row(const struct model *model, const struct model_future *future)
{
    unsigned awaited = 0;

    if (future == NULL || future->parent == 0)
        return false;
    if (future->name != future->type)
        return true;
    for (uint32_t i = 0; i < model->future_count && awaited < 2; i++)
        awaited += model->futures[i].type != NULL && model->futures[i].parent == future->number;
    return awaited > 1 && has_waited(model, future);
}

static void add_row(struct rows *rows, const struct row *row)
{
    rows->array[rows->count++] = *row;
}

static void add_phase(struct rows *rows, size_t step)
{
    const struct edo_trace_event *event = event_at(rows, step);
    const struct model_task *task = model_task(rows->model, event->task);
    size_t end =
        task != NULL && task->ended < rows->model->count ? task->ended : rows->model->count;

    for (size_t i = step + 1; i < end; i++)
        if (event_at(rows, i)->kind == EDO_TRACE_PHASE && event_at(rows, i)->task == event->task)
            end = i;
    add_row(rows, &(struct row){.kind = ROW_PHASE,
                                .name = event->name,
                                .task = event->task,
                                .begin = step,
                                .end = end});
}

static void add_task(struct rows *rows, const struct model_task *task, size_t begin)
{
    add_row(rows, &(struct row){.kind = ROW_TASK,
                                .name = task->name,
                                .id = task->id,
                                .task = task->id,
                                .begin = begin,
                                .end = task->ended});
}

/* What begins with the event: in the order of events, before what is nested in it. */
static void add_rows_of(struct rows *rows, size_t step, bool with_futures)
{
    const struct edo_trace_event *event = event_at(rows, step);
    const struct model_task *task = model_task(rows->model, event->task);
    const struct model_future *future;

    if (event->kind == EDO_TRACE_PHASE)
        add_phase(rows, step);
    if (event->kind == EDO_TRACE_SPAWN && task != NULL)
        add_task(rows, task, step);
    if (!with_futures || (event->kind != EDO_TRACE_STATE && event->kind != EDO_TRACE_NAME))
        return;
    future = model_future(rows->model, event->other);
    if (future != NULL && future->began == step && has_row(rows->model, future))
        add_row(rows, &(struct row){.kind = ROW_FUTURE,
                                    .name = future->name,
                                    .id = future->number,
                                    .task = future->task,
                                    .begin = step,
                                    .end = future->ended});
}

/* First the tasks that were there before the trace begins. */
static void add_rows(struct rows *rows, bool with_futures)
{
    const struct model *model = rows->model;

    rows->count = 0;
    for (uint32_t i = 0; i < model->task_count; i++)
        if (model->tasks[i].name != NULL && model->tasks[i].spawned == MODEL_NEVER)
            add_task(rows, &model->tasks[i], 0);
    for (size_t i = 0; i < model->count; i++)
        add_rows_of(rows, i, with_futures);
}

/* --- How they are nested ---------------------------------------------------------------------- */

static size_t find_row(const struct rows *rows, enum row_kind kind, uint32_t id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->array[i].kind == kind && rows->array[i].id == id)
            return i;
    return none;
}

size_t rows_of_task(const struct rows *rows, uint32_t task)
{
    return find_row(rows, ROW_TASK, task);
}

/* The row of a future, or of the nearest around it that has one; none if only the task has. */
static size_t row_around(const struct rows *rows, uint32_t number)
{
    const struct model_future *future = model_future(rows->model, number);
    size_t row = none;

    for (; future != NULL && row == none; future = model_future(rows->model, future->parent))
        row = find_row(rows, ROW_FUTURE, future->number);
    return row;
}

/* The phase in which a task is at a step; else the task. */
static size_t phase_or_task(const struct rows *rows, uint32_t task, size_t step)
{
    size_t found = rows_of_task(rows, task);

    for (size_t i = 0; i < rows->count; i++)
        if (rows->array[i].kind == ROW_PHASE && rows->array[i].task == task &&
            rows->array[i].begin < step && step < rows->array[i].end)
            found = i;
    return found;
}

static size_t parent_of(const struct rows *rows, const struct row *row)
{
    const struct model *model = rows->model;
    uint32_t task = row->task, around = 0;
    size_t parent;

    if (row->kind == ROW_PHASE)
        return rows_of_task(rows, task);
    if (row->kind == ROW_FUTURE) {
        around = model_future(model, row->id)->parent;
    } else {
        task = model_task(model, row->id)->spawner;
        around = model_task(model, row->id)->spawning;
    }
    parent = row_around(rows, around);
    return parent != none ? parent : phase_or_task(rows, task, row->begin);
}

/* Each row is followed by those nested in it. Returns the next free place. */
static size_t lay_out(const struct rows *rows, size_t parent, unsigned depth, struct row *sorted,
                      size_t place)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->array[i].parent != parent)
            continue;
        sorted[place] = rows->array[i];
        sorted[place++].depth = depth;
        place = lay_out(rows, i, depth + 1, sorted, place);
    }
    return place;
}

static bool nest(struct rows *rows)
{
    struct row *sorted = room_take(rows->count + 1, sizeof *sorted);

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < rows->count; i++)
        rows->array[i].parent = parent_of(rows, &rows->array[i]);
    lay_out(rows, none, 0, sorted, 0);
    room_give(rows->array);
    rows->array = sorted;
    return true;
}

bool rows_open(struct rows *rows, const struct model *model, size_t most)
{
    *rows = (struct rows){.model = model};
    rows->array = room_take(model->count + 1, sizeof *rows->array);
    if (rows->array == NULL)
        return false;
    add_rows(rows, true);
    if (rows->count > most)
        add_rows(rows, false);
    if (nest(rows))
        return true;
    rows_close(rows);
    return false;
}

void rows_close(struct rows *rows)
{
    room_give(rows->array);
    *rows = (struct rows){0};
}

/* --- What is in them -------------------------------------------------------------------------- */

struct drawing {
    uint64_t begin_ns; /* of the trace */
    void (*draw)(const struct span *span, void *data);
    void *data;
};

/* Of what lies before the trace begins (a deadline, where the ring has dropped the beginning)
 * nothing can be shown. */
static void draw(const struct drawing *drawing, const struct span *span)
{
    struct span shown = *span;

    if (shown.from_ns < drawing->begin_ns)
        shown.from_ns = drawing->begin_ns;
    if (shown.to_ns < shown.from_ns)
        shown.to_ns = shown.from_ns;
    drawing->draw(&shown, drawing->data);
}

/* From when it was armed until its task went on, or it was let go of. */
static void draw_timer(const struct rows *rows, const struct model_source *timer,
                       const struct drawing *drawing)
{
    const struct model *model = rows->model;
    const struct model_task *task = model_task(model, timer->task);
    size_t end = timer->polled < timer->disarmed ? timer->polled : timer->disarmed;
    uint64_t armed_ns = model_time(model, timer->armed != MODEL_NEVER ? timer->armed : 0);
    uint64_t end_ns, asleep_ns;

    if (task != NULL && task->ended < end)
        end = task->ended;
    if (end > timer->fired && timer->woken == MODEL_NEVER && timer->polled == MODEL_NEVER)
        end = timer->fired; /* its waker was not a task's */
    end_ns = model_time(model, end);
    asleep_ns = end_ns < timer->deadline_ns ? end_ns : timer->deadline_ns;
    draw(drawing, &(struct span){.kind = SPAN_ASLEEP,
                                 .from_ns = armed_ns < asleep_ns ? armed_ns : asleep_ns,
                                 .to_ns = asleep_ns,
                                 .timer = timer});
    if (end_ns > timer->deadline_ns)
        draw(drawing,
             &(struct span){
                 .kind = SPAN_OVERDUE, .from_ns = asleep_ns, .to_ns = end_ns, .timer = timer});
}

/* The row in which a timer is shown: of the future that awaits its leaf, or of its task. */
static bool is_shown_in(const struct rows *rows, const struct row *row,
                        const struct model_source *timer)
{
    size_t around = row_around(rows, timer->future);

    if (around == none)
        return row->kind == ROW_TASK && row->id == timer->task;
    return &rows->array[around] == row;
}

static enum span_kind kind_of_end(const char *outcome)
{
    if (strcmp(outcome, "EDO_DONE") == 0)
        return SPAN_DONE;
    return strcmp(outcome, "EDO_FAILED") == 0 ? SPAN_FAILED : SPAN_CANCELLED;
}

static void draw_polls_and_wakes(const struct rows *rows, uint32_t task,
                                 const struct drawing *drawing)
{
    size_t poll = none;

    for (size_t i = 0; i < rows->model->count; i++) {
        const struct edo_trace_event *event = event_at(rows, i);

        if (event->task != task)
            continue;
        if (event->kind == EDO_TRACE_POLL_BEGIN)
            poll = i;
        else if (event->kind == EDO_TRACE_POLL_END && poll != none)
            draw(drawing, &(struct span){.kind = SPAN_BUSY,
                                         .from_ns = event_at(rows, poll)->t_ns,
                                         .to_ns = event->t_ns});
        else if (event->kind == EDO_TRACE_WAKE && event->to == NULL)
            draw(drawing, &(struct span){.kind = SPAN_WAKE,
                                         .from_ns = event->t_ns,
                                         .to_ns = event->t_ns,
                                         .wake = event});
    }
}

static void draw_end(const struct rows *rows, const struct row *row, const char *outcome,
                     const struct drawing *drawing)
{
    uint64_t end_ns = model_time(rows->model, row->end);

    if (outcome != NULL)
        draw(drawing,
             &(struct span){.kind = kind_of_end(outcome), .from_ns = end_ns, .to_ns = end_ns});
}

static void draw_task(const struct rows *rows, const struct row *row, const struct drawing *drawing)
{
    const struct model_task *task = model_task(rows->model, row->id);
    uint64_t end_ns = model_time(rows->model, row->end);

    draw_polls_and_wakes(rows, row->id, drawing);
    if (task->is_stuck)
        draw(drawing, &(struct span){.kind = SPAN_STUCK,
                                     .from_ns = model_time(rows->model, task->stuck_since),
                                     .to_ns = end_ns});
    else
        draw_end(rows, row, task->outcome, drawing);
}

void rows_each_span(const struct rows *rows, const struct row *row,
                    void (*draw_span)(const struct span *span, void *data), void *data)
{
    const struct drawing drawing = {model_time(rows->model, 0), draw_span, data};
    const struct model *model = rows->model;

    if (row->kind == ROW_PHASE)
        return;
    draw(&drawing, &(struct span){.kind = SPAN_WAITING,
                                  .from_ns = model_time(model, row->begin),
                                  .to_ns = model_time(model, row->end)});
    for (uint32_t i = 0; i < model->source_count; i++)
        if (model->sources[i].is_timer && is_shown_in(rows, row, &model->sources[i]))
            draw_timer(rows, &model->sources[i], &drawing);
    if (row->kind == ROW_TASK)
        draw_task(rows, row, &drawing);
    else
        draw_end(rows, row, model_future(model, row->id)->outcome, &drawing);
}
