/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdlib.h>

struct lanes_task *lanes_task(const struct lanes *lanes, uint32_t id)
{
    const struct model *model = lanes->model;

    return &lanes
                ->tasks[model_task(model, id) != NULL ? id - model->first_task : model->task_count];
}

struct lanes_future *lanes_future(const struct lanes *lanes, uint32_t number)
{
    const struct model *model = lanes->model;

    return &lanes->futures[model_future(model, number) != NULL ? number - model->first_future
                                                               : model->future_count];
}

uint32_t lanes_of_phases(const struct lanes *lanes, uint32_t task)
{
    return lanes_task(lanes, task)->first + 1;
}

uint32_t lanes_of_future(const struct lanes *lanes, const struct model_future *future)
{
    const struct lanes_task *task = lanes_task(lanes, future->task);

    return task->first + task->has_phases + lanes_future(lanes, future->number)->place;
}

/* One that nothing is in any more, or else one more. */
static uint32_t find_place(const struct lanes *lanes, struct lanes_task *task)
{
    const struct lanes_future *former;

    if (task->free == 0)
        return ++task->futures;
    former = lanes_future(lanes, task->free);
    task->free = former->next_free;
    return former->place;
}

/* In its parent's lane, if nothing else is there then; else in another. The task's own future is
 * the task. */
static void place(const struct lanes *lanes, const struct model_future *future)
{
    struct lanes_task *task = lanes_task(lanes, future->task);
    struct lanes_future *lane = lanes_future(lanes, future->number);
    struct lanes_future *parent = lanes_future(lanes, future->parent);
    const struct model_task *around = model_task(lanes->model, future->task);

    lane->begin = future->began;
    lane->end = future->ended;
    if (around != NULL && around->ended < lane->end)
        lane->end = around->ended;
    if (model_future(lanes->model, future->parent) == NULL) {
        if (task->own == 0)
            task->own = future->number;
        return;
    }
    if (parent->end < lane->end)
        lane->end = parent->end;
    if (parent->place == 0 || parent->taken_until > lane->begin) {
        lane->place = find_place(lanes, task);
    } else {
        lane->place = parent->place;
        parent->taken_until = lane->end;
    }
}

/* A future has ended, and so have all in it. What shares its parent's lane leaves that to it. */
static void release(const struct lanes *lanes, const struct model_future *future)
{
    struct lanes_task *task = lanes_task(lanes, future->task);
    struct lanes_future *lane = lanes_future(lanes, future->number);

    if (lane->place == 0 || lane->place == lanes_future(lanes, future->parent)->place)
        return;
    lane->next_free = task->free;
    task->free = future->number;
}

static void place_all(const struct lanes *lanes)
{
    const struct model *model = lanes->model;

    for (size_t step = 0; step < model->count; step++) {
        const struct edo_trace_event *event = edo_trace_at(model->trace, step);
        const struct model_future *future;

        if (event->kind == EDO_TRACE_PHASE)
            lanes_task(lanes, event->task)->has_phases = true;
        if (event->kind != EDO_TRACE_STATE && event->kind != EDO_TRACE_NAME)
            continue;
        future = model_future(model, event->other);
        if (future != NULL && future->began == step)
            place(lanes, future);
        if (future != NULL && future->ended == step)
            release(lanes, future);
    }
    for (uint32_t i = 0; i < model->source_count; i++)
        if (model->sources[i].is_timer && model->sources[i].future != 0)
            lanes_future(lanes, model->sources[i].future)->timer = model->sources[i].id;
}

static void number_all(const struct lanes *lanes)
{
    const struct model *model = lanes->model;
    uint32_t next = LANE_REACTOR + 1;

    for (uint32_t i = 0; i <= model->task_count; i++) {
        struct lanes_task *task = &lanes->tasks[i];
        bool is_known = i < model->task_count && model->tasks[i].name != NULL;

        if (!is_known && !task->has_phases && task->futures == 0)
            continue;
        task->first = next;
        next += 1 + task->has_phases + task->futures;
    }
}

bool lanes_open(struct lanes *lanes, const struct model *model)
{
    *lanes = (struct lanes){.model = model};
    lanes->tasks = calloc((size_t)model->task_count + 1, sizeof *lanes->tasks);
    lanes->futures = calloc((size_t)model->future_count + 1, sizeof *lanes->futures);
    if (lanes->tasks == NULL || lanes->futures == NULL) {
        lanes_close(lanes);
        return false;
    }
    place_all(lanes);
    number_all(lanes);
    return true;
}

void lanes_close(struct lanes *lanes)
{
    free(lanes->tasks);
    free(lanes->futures);
    *lanes = (struct lanes){0};
}
