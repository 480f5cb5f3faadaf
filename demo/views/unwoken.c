/* SPDX-License-Identifier: MIT */
#include "unwoken.h"

#include <inttypes.h>
#include <string.h>

#include "model.h"

static bool is_about(const struct edo_trace_event *event, enum edo_trace_kind kind, uint32_t task)
{
    return event->kind == kind && event->task == task;
}

/* The last step before `step` at which that happened to the task, MODEL_NEVER if there is none. */
static size_t last_before(const struct model *model, size_t step, enum edo_trace_kind kind,
                          uint32_t task)
{
    while (step-- > 0)
        if (is_about(edo_trace_at(model->trace, step), kind, task))
            return step;
    return MODEL_NEVER;
}

/* It awaited no other, and had said PENDING before the poll that began then. */
static bool is_leaf_from_before(const struct model *model, const struct model_future *future,
                                size_t poll)
{
    for (uint32_t i = 0; i < model->future_count; i++)
        if (model->futures[i].parent == future->number)
            return false;
    return future->began < poll;
}

/* The source whose waker was called, if it is another future's; NULL if it is this one's, or if
 * that can't be told. */
static const struct model_source *source_of_other(const struct model *model,
                                                  const struct edo_trace_event *wake,
                                                  const struct model_future *future)
{
    const struct model_source *source = NULL;

    if (model_is_by_source(wake))
        source = model_source(model, (uint32_t)wake->arg);
    if (source == NULL || source->future == 0 || source->future == future->number)
        return NULL;
    return source;
}

/* Why the future was polled when it ended, if all wakes since the poll before were for others. */
static const struct model_source *polled_for(const struct model *model,
                                             const struct model_future *future)
{
    size_t poll = last_before(model, future->ended, EDO_TRACE_POLL_BEGIN, future->task);
    const struct model_source *source = NULL;
    size_t step;

    if (poll == MODEL_NEVER || !is_leaf_from_before(model, future, poll))
        return NULL;
    step = last_before(model, poll, EDO_TRACE_POLL_END, future->task);
    for (; step < future->ended; step++) {
        const struct edo_trace_event *event = edo_trace_at(model->trace, step);

        if (!is_about(event, EDO_TRACE_WAKE, future->task))
            continue;
        source = source_of_other(model, event, future);
        if (source == NULL)
            return NULL;
    }
    return source;
}

static void print_warning(const struct model *model, const struct model_future *future, FILE *file)
{
    const struct model_source *source = polled_for(model, future);
    double ms = (double)(model_time(model, future->ended) - model_time(model, 0)) / 1e6;

    if (source == NULL)
        return;
    fprintf(file, "warning: %s was ready at %.1f ms, and its waker had not been called:\n",
            future->name, ms);
    fprintf(file, "         %s was polled because of %s, %s id %" PRIu32 "\n",
            model_task_name(model, future->task), model_future(model, source->future)->name,
            source->is_timer ? "timer" : "fd", source->id);
}

void unwoken_print(const struct edo_trace *trace, FILE *file)
{
    struct model model;

    if (!model_open(&model, trace))
        return;
    for (uint32_t i = 0; i < model.future_count; i++) {
        const struct model_future *future = &model.futures[i];

        if (future->outcome != NULL && strcmp(future->outcome, "EDO_CANCELLED") != 0)
            print_warning(&model, future, file);
    }
    model_close(&model);
}
