/* SPDX-License-Identifier: MIT */
#include "crowd.h"

#include "edo.h"

unsigned crowd_tasks(const struct model *model)
{
    unsigned tasks = 0;

    for (uint32_t i = 0; i < model->task_count; i++)
        tasks += model->tasks[i].name != NULL;
    return tasks;
}

/* Whole numbers, the same on every machine; halved until the product fits. */
static unsigned column_of(const struct model *model, uint64_t t_ns, unsigned columns)
{
    uint64_t begin_ns = model_time(model, 0);
    uint64_t total_ns = model_time(model, MODEL_NEVER) - begin_ns;
    uint64_t at_ns = t_ns < begin_ns ? 0 : t_ns - begin_ns;
    unsigned column;

    if (total_ns == 0)
        return 0;
    for (; total_ns > UINT64_MAX / columns; total_ns /= 2)
        at_ns /= 2;
    column = (unsigned)(at_ns * columns / total_ns);
    return column < columns ? column : columns - 1;
}

/* Those whose spawn was dropped were there when the trace begins. */
static unsigned count_at_begin(const struct model *model)
{
    unsigned tasks = 0;

    for (uint32_t i = 0; i < model->task_count; i++)
        tasks += model->tasks[i].name != NULL && model->tasks[i].spawned == MODEL_NEVER;
    return tasks;
}

static void count_in_flight(struct crowd *crowd, const struct model *model, unsigned columns)
{
    unsigned now = count_at_begin(model), column = 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct edo_trace_event *event = edo_trace_at(model->trace, i);
        unsigned at = column_of(model, event->t_ns, columns);

        for (; column < at; column++)
            crowd->in_flight[column + 1] = now;
        now += event->kind == EDO_TRACE_SPAWN;
        now -= event->kind == EDO_TRACE_DONE && now > 0;
        if (crowd->in_flight[column] < now)
            crowd->in_flight[column] = now;
        if (crowd->most < now)
            crowd->most = now;
    }
}

static void count_timer(struct crowd *crowd, const struct model_source *timer, unsigned column)
{
    uint64_t late_ns = timer->late.total_ns;

    crowd->timers++;
    lateness_note(&crowd->lateness, timer->deadline_ns + late_ns, timer->deadline_ns);
    if (late_ns > crowd->late_ns[column])
        crowd->late_ns[column] = late_ns;
    if (late_ns < EDO_NS_PER_MS)
        return;
    crowd->late++;
    crowd->faults[model_fault(&timer->late)]++;
}

void crowd_measure(struct crowd *crowd, const struct model *model, unsigned columns)
{
    *crowd = (struct crowd){0};
    count_in_flight(crowd, model, columns);
    for (uint32_t i = 0; i < model->source_count; i++) {
        const struct model_source *timer = &model->sources[i];

        if (timer->is_timer && timer->polled != MODEL_NEVER)
            count_timer(crowd, timer, column_of(model, timer->deadline_ns, columns));
    }
}
