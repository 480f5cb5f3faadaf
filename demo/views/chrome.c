/* SPDX-License-Identifier: MIT */
#include "chrome.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "errno_name.h"
#include "lanes.h"
#include "model.h"
#include "text.h"

/* What is told of a task when it ends. */
struct telling {
    uint32_t armed;     /* how many timers are armed for it, */
    uint32_t timer;     /* and the last that was */
    size_t waits;       /* since that step; NEVER: it does not wait */
    bool is_asleep;     /* then, on timers; */
    uint32_t asleep_on; /* one of them, 0 if not known */
    size_t woken;       /* since its last poll; NEVER: it was not */
    size_t phase;       /* the one that goes on; NEVER: none */
};

struct counts {
    long ready, waiting, armed;
};

struct output {
    struct model model;
    struct lanes lanes;
    struct telling *tellings; /* from model.first_task on, and one for those not known */
    FILE *file;
    uint64_t arrows;
    size_t poll;    /* the step at which the one that goes on began */
    size_t look;    /* when the thread last went to sleep, or was woken */
    uint64_t polls; /* since then */
    bool has_args;  /* of the slice that is being written */
    struct counts counts, shown;
};

static const struct edo_trace_event *event_at(const struct output *output, size_t step)
{
    return edo_trace_at(output->model.trace, step);
}

/* Never NULL: those that are not known have one together. */
static struct telling *telling_of(const struct output *output, uint32_t task)
{
    const struct model *model = &output->model;

    return &output->tellings[model_task(model, task) != NULL ? task - model->first_task
                                                             : model->task_count];
}

static uint32_t lane_of(const struct output *output, uint32_t task)
{
    return task != 0 ? lanes_task(&output->lanes, task)->first : LANE_REACTOR;
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* Rounded down, all alike, so that what is nested stays nested. */
static uint64_t us_of(const struct output *output, size_t step)
{
    return (model_time(&output->model, step) - model_time(&output->model, 0)) / EDO_NS_PER_US;
}

static void begin_event(const struct output *output, const char *kind, uint32_t lane)
{
    fprintf(output->file, ",\n{\"ph\":\"%s\",\"pid\":1,\"tid\":%" PRIu32, kind, lane);
}

/* Of a slice: its name, and then its args one by one. */
static void begin_slice(struct output *output, uint32_t lane, const char *name, size_t begin,
                        size_t end)
{
    uint64_t begin_us = us_of(output, begin);

    begin_event(output, "X", lane);
    fprintf(output->file, ",\"ts\":%" PRIu64 ",\"dur\":%" PRIu64 ",\"name\":", begin_us,
            us_of(output, end) - begin_us);
    text_put_json(name, text_next, output->file);
    fputs(",\"args\":{", output->file);
    output->has_args = false;
}

static void end_slice(const struct output *output)
{
    fputs("}}", output->file);
}

static void write_key(struct output *output, const char *key)
{
    fprintf(output->file, "%s\"%s\":", output->has_args ? "," : "", key);
    output->has_args = true;
}

static void write_number(struct output *output, const char *key, uint64_t number)
{
    write_key(output, key);
    fprintf(output->file, "%" PRIu64, number);
}

/* NULL: nothing is written. */
static void write_text(struct output *output, const char *key, const char *text)
{
    if (text == NULL)
        return;
    write_key(output, key);
    text_put_json(text, text_next, output->file);
}

static void write_ms(struct output *output, const char *key, uint64_t ns)
{
    write_key(output, key);
    fprintf(output->file, "%" PRIu64 ".%06" PRIu64, ns / EDO_NS_PER_MS, ns % EDO_NS_PER_MS);
}

/* --- What a slice tells ----------------------------------------------------------------------- */

/* On the axis of the trace. A deadline may have passed before the trace began. */
static void write_deadline(struct output *output, uint64_t deadline_ns)
{
    uint64_t first_ns = model_time(&output->model, 0);

    if (deadline_ns == EDO_NEVER) {
        write_text(output, "deadline_ms", "never");
    } else if (deadline_ns >= first_ns) {
        write_ms(output, "deadline_ms", deadline_ns - first_ns);
    } else {
        write_key(output, "deadline_ms");
        fprintf(output->file, "-%" PRIu64 ".%06" PRIu64, (first_ns - deadline_ns) / EDO_NS_PER_MS,
                (first_ns - deadline_ns) % EDO_NS_PER_MS);
    }
}

static void write_timer(struct output *output, uint32_t id)
{
    const struct model_source *timer = model_source(&output->model, id);
    char why[128];

    if (timer == NULL || !timer->is_timer)
        return;
    write_number(output, "timer", id);
    write_deadline(output, timer->deadline_ns);
    if (timer->polled == MODEL_NEVER)
        return;
    write_ms(output, "late_ms", timer->late.total_ns);
    write_ms(output, "not_run_ms", timer->late.not_run_ns);
    write_ms(output, "held_ms", timer->late.held_ns);
    write_ms(output, "others_ms", timer->late.others_ns);
    if (timer->late.total_ns == 0)
        return;
    model_blame(&output->model, timer, why, sizeof why);
    write_text(output, "why", why);
}

static bool is_wake_by(const struct edo_trace_event *wake, const char *cause)
{
    return wake != NULL && strcmp(wake->from, cause) == 0;
}

/* What has woken a task. */
static void write_cause(struct output *output, const struct edo_trace_event *wake)
{
    if (wake == NULL)
        return;
    write_text(output, "woken_by", wake->from);
    if (is_wake_by(wake, "task") || is_wake_by(wake, "group"))
        write_text(output, "by_task", model_task_name(&output->model, (uint32_t)wake->arg));
    else if (wake->arg != 0 && !is_wake_by(wake, "timer"))
        write_number(output, "by_id", wake->arg);
}

/* At which await a task stands now. */
static void write_state(struct output *output, uint32_t task)
{
    const struct model_future *own =
        model_future(&output->model, lanes_task(&output->lanes, task)->own);

    write_text(output, "state", own != NULL ? own->state : NULL);
}

/* --- The names of lanes -------------------------------------------------------------------------
 */

static void write_lane(const struct output *output, uint32_t lane, const char *name)
{
    begin_event(output, "M", lane);
    fputs(",\"name\":\"thread_name\",\"args\":{\"name\":", output->file);
    text_put_json(name, text_next, output->file);
    fputs("}}", output->file);
    begin_event(output, "M", lane);
    fprintf(output->file, ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}",
            lane);
}

static void write_lanes(const struct output *output)
{
    const struct model *model = &output->model;

    write_lane(output, LANE_REACTOR, "reactor");
    for (uint32_t i = 0; i <= model->task_count; i++) {
        const struct lanes_task *task = &output->lanes.tasks[i];
        const char *name = i < model->task_count ? model->tasks[i].name : NULL;
        uint32_t lane = task->first;

        if (lane == 0)
            continue;
        write_lane(output, lane, name != NULL ? name : "in no task");
        if (task->has_phases)
            write_lane(output, ++lane, "its phases");
        for (uint32_t j = 0; j < task->futures; j++)
            write_lane(output, ++lane, "its futures");
    }
}

/* --- Slices ----------------------------------------------------------------------------------- */

static void write_life(struct output *output, const struct model_task *task)
{
    const struct model_task *spawner = model_task(&output->model, task->spawner);

    begin_slice(output, lane_of(output, task->id), task->name,
                task->spawned != MODEL_NEVER ? task->spawned : 0, task->ended);
    write_number(output, "task", task->id);
    write_text(output, "spawned_by", spawner != NULL ? spawner->name : NULL);
    write_text(output, "result", task->is_stuck ? "stuck" : task->outcome);
    if (task->error != 0)
        write_text(output, "error", errno_name(task->error));
    end_slice(output);
}

static void write_future(struct output *output, const struct model_future *future)
{
    const struct lanes_future *lane = lanes_future(&output->lanes, future->number);

    if (lane->place == 0)
        return;
    begin_slice(output, lanes_of_future(&output->lanes, future), future->name, lane->begin,
                lane->end);
    write_number(output, "future", future->number);
    write_text(output, "type", future->type);
    if (future->ended != MODEL_NEVER)
        write_text(output, "state", event_at(output, future->ended)->from);
    write_text(output, "result", future->outcome);
    write_timer(output, lane->timer);
    end_slice(output);
}

/* From a poll until the next, which may be that of a step yet to come. */
static void write_wait(struct output *output, uint32_t id, size_t step)
{
    struct telling *task = telling_of(output, id);
    const struct edo_trace_event *wake =
        task->woken != MODEL_NEVER ? event_at(output, task->woken) : NULL;

    if (task->waits == MODEL_NEVER)
        return;
    begin_slice(output, lane_of(output, id), task->is_asleep ? "asleep" : "waiting", task->waits,
                step);
    write_state(output, id);
    write_cause(output, wake);
    write_timer(output, is_wake_by(wake, "timer") ? (uint32_t)wake->arg : task->asleep_on);
    end_slice(output);
    task->waits = MODEL_NEVER;
}

static void write_poll(struct output *output, uint32_t id, size_t step, const char *result)
{
    if (output->poll == MODEL_NEVER || model_task(&output->model, id) == NULL)
        return;
    begin_slice(output, lane_of(output, id), "poll", output->poll, step);
    write_number(output, "task", id);
    write_state(output, id);
    write_text(output, "result", result);
    end_slice(output);
    output->poll = MODEL_NEVER;
}

static void write_look(struct output *output, size_t step, bool was_asleep)
{
    begin_slice(output, LANE_REACTOR, was_asleep ? "epoll_wait" : "running", output->look, step);
    if (was_asleep)
        write_number(output, "armed", (uint64_t)output->counts.armed);
    else
        write_number(output, "polls", output->polls);
    end_slice(output);
    output->look = step;
    output->polls = 0;
}

/* The timer that fires has ended it, if it was that. */
static void write_watch(struct output *output, size_t step)
{
    if (output->look == MODEL_NEVER || model_watched_until(&output->model, output->look) != step)
        return;
    begin_slice(output, LANE_REACTOR, "watches the clock", output->look, step);
    write_number(output, "armed", (uint64_t)output->counts.armed);
    end_slice(output);
    output->look = step;
}

static void write_phase(struct output *output, uint32_t id, size_t step)
{
    struct telling *task = telling_of(output, id);

    if (task->phase == MODEL_NEVER)
        return;
    begin_slice(output, lanes_of_phases(&output->lanes, id), event_at(output, task->phase)->name,
                task->phase, step);
    write_number(output, "task", id);
    end_slice(output);
    task->phase = MODEL_NEVER;
}

/* --- Instants, arrows, counters --------------------------------------------------------------- */

/* One that is never reached, or not in the trace, would make the picture as long as that. */
static void write_instant(struct output *output, const struct edo_trace_event *arm)
{
    const struct model *model = &output->model;
    uint64_t first_ns = model_time(model, 0);

    if (arm->arg < first_ns || arm->arg > model_time(model, MODEL_NEVER))
        return;
    begin_event(output, "i", lane_of(output, arm->task));
    fprintf(output->file,
            ",\"s\":\"t\",\"ts\":%" PRIu64 ",\"name\":\"deadline\",\"args\":{\"timer\":%" PRIu32
            "}}",
            (arm->arg - first_ns) / EDO_NS_PER_US, arm->other);
}

static void write_arrow(struct output *output, size_t step)
{
    const struct edo_trace_event *wake = event_at(output, step);

    output->arrows++;
    begin_event(output, "s", lane_of(output, wake->other));
    fprintf(output->file,
            ",\"ts\":%" PRIu64 ",\"id\":%" PRIu64 ",\"name\":\"wake\",\"cat\":\"wake\"",
            us_of(output, step), output->arrows);
    fprintf(output->file, ",\"args\":{\"cause\":\"%s\"}}", wake->from);
    begin_event(output, "f", lane_of(output, wake->task));
    fprintf(output->file,
            ",\"bp\":\"e\",\"ts\":%" PRIu64 ",\"id\":%" PRIu64
            ",\"name\":\"wake\",\"cat\":\"wake\"}",
            us_of(output, step), output->arrows);
}

static void write_counter(const struct output *output, const char *name, size_t step, long now,
                          long *shown)
{
    if (now == *shown)
        return;
    begin_event(output, "C", LANE_REACTOR);
    fprintf(output->file, ",\"ts\":%" PRIu64 ",\"name\":\"%s\",\"args\":{\"%s\":%ld}}",
            us_of(output, step), name, name, now);
    *shown = now;
}

/* A task leaves one count for another. */
static void count_task(struct output *output, enum model_state state, long change)
{
    if (state == MODEL_READY)
        output->counts.ready += change;
    else if (state == MODEL_WAITING)
        output->counts.waiting += change;
}

/* --- Event by event --------------------------------------------------------------------------- */

/* A timer counts for the task that it is to wake. */
static void count_source(struct output *output, uint32_t id, bool was_armed)
{
    const struct model_source *source = model_source(&output->model, id);
    struct telling *task;

    if (source == NULL || source->is_armed == was_armed)
        return;
    output->counts.armed += source->is_armed ? 1 : -1;
    if (!source->is_timer)
        return;
    task = telling_of(output, source->task);
    task->armed += source->is_armed ? 1 : (uint32_t)-1;
    if (source->is_armed)
        task->timer = id;
}

/* The model goes on by one event, and the counts with it. */
static void step_on(struct output *output, size_t step)
{
    const struct edo_trace_event *event = event_at(output, step);
    const struct model_task *task = model_task(&output->model, event->task);
    const struct model_source *source = NULL;
    enum model_state before = task != NULL ? task->state : MODEL_UNKNOWN;
    bool was_armed;

    if (event->kind == EDO_TRACE_ARM || event->kind == EDO_TRACE_DISARM ||
        event->kind == EDO_TRACE_FIRE)
        source = model_source(&output->model, event->other);
    was_armed = source != NULL && source->is_armed;
    model_seek(&output->model, step + 1);
    if (task != NULL && task->state != before) {
        count_task(output, before, -1);
        count_task(output, task->state, 1);
    }
    if (source != NULL)
        count_source(output, source->id, was_armed);
    if (event->kind == EDO_TRACE_POLL_END && strcmp(event->to, "READY") == 0)
        return; /* the next event is its end */
    write_counter(output, "ready", step, output->counts.ready, &output->shown.ready);
    write_counter(output, "waiting", step, output->counts.waiting, &output->shown.waiting);
    write_counter(output, "armed", step, output->counts.armed, &output->shown.armed);
}

/* What ends with the event, told while the model is still before it. */
static void write_what_ends(struct output *output, size_t step)
{
    const struct edo_trace_event *event = event_at(output, step);

    switch (event->kind) {
    case EDO_TRACE_POLL_BEGIN:
        write_wait(output, event->task, step);
        break;
    case EDO_TRACE_POLL_END:
        write_poll(output, event->task, step, event->to);
        break;
    case EDO_TRACE_DONE:
        write_wait(output, event->task, step);
        write_phase(output, event->task, step);
        break;
    case EDO_TRACE_PHASE:
        write_phase(output, event->task, step);
        break;
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
        write_look(output, step, output->model.is_asleep);
        break;
    case EDO_TRACE_FIRE:
        write_watch(output, step);
        break;
    case EDO_TRACE_SPAWN:
    case EDO_TRACE_STATE:
    case EDO_TRACE_NAME:
    case EDO_TRACE_ARM:
    case EDO_TRACE_DISARM:
    case EDO_TRACE_WAKE:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_LOST:
        break;
    }
}

static void begin_wait(const struct output *output, struct telling *task, size_t step)
{
    const struct model_source *timer = model_source(&output->model, task->timer);

    task->waits = step;
    task->is_asleep = task->armed > 0;
    task->asleep_on = timer != NULL && timer->is_armed ? task->timer : 0;
}

/* What begins with the event, or is an instant; the model knows it already. */
static void write_what_begins(struct output *output, size_t step)
{
    const struct edo_trace_event *event = event_at(output, step);
    struct telling *task = telling_of(output, event->task);
    const struct model_future *future;

    switch (event->kind) {
    case EDO_TRACE_POLL_BEGIN:
        output->poll = step;
        output->polls++;
        task->woken = MODEL_NEVER;
        break;
    case EDO_TRACE_POLL_END:
        if (strcmp(event->to, "PENDING") == 0)
            begin_wait(output, task, step);
        break;
    case EDO_TRACE_WAKE:
        if (event->to != NULL) /* it is in the run queue already */
            break;
        task->woken = step;
        write_arrow(output, step);
        break;
    case EDO_TRACE_STATE:
    case EDO_TRACE_NAME:
        future = model_future(&output->model, event->other);
        if (future != NULL && future->began == step)
            write_future(output, future);
        break;
    case EDO_TRACE_ARM:
        if (event->arg != 0)
            write_instant(output, event);
        break;
    case EDO_TRACE_PHASE:
        task->phase = step;
        break;
    case EDO_TRACE_SPAWN:
    case EDO_TRACE_DISARM:
    case EDO_TRACE_FIRE:
    case EDO_TRACE_DONE:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_LOST:
        break;
    }
}

/* What goes on when the trace ends. */
static void write_rest(struct output *output)
{
    const struct model *model = &output->model;

    write_poll(output, model->polled, MODEL_NEVER, NULL);
    for (uint32_t i = 0; i < model->task_count; i++) {
        write_wait(output, model->first_task + i, MODEL_NEVER);
        write_phase(output, model->first_task + i, MODEL_NEVER);
    }
    write_phase(output, 0, MODEL_NEVER);
    write_look(output, MODEL_NEVER, model->is_asleep);
}

static void write_events(struct output *output)
{
    const struct model *model = &output->model;

    for (uint32_t i = 0; i <= model->task_count; i++)
        output->tellings[i].waits = output->tellings[i].woken = output->tellings[i].phase =
            MODEL_NEVER;
    write_lanes(output);
    for (uint32_t i = 0; i < model->task_count; i++)
        if (model->tasks[i].name != NULL)
            write_life(output, &model->tasks[i]);
    for (size_t step = 0; step < model->count; step++) {
        write_what_ends(output, step);
        step_on(output, step);
        write_what_begins(output, step);
    }
    if (model->count > 0)
        write_rest(output);
}

static bool open_output(struct output *output, const struct edo_trace *trace)
{
    const struct model *model = &output->model;

    if (!model_open(&output->model, trace))
        return false;
    if (!lanes_open(&output->lanes, model))
        return false;
    output->tellings = calloc((size_t)model->task_count + 1, sizeof *output->tellings);
    return output->tellings != NULL;
}

void chrome_write(const struct edo_trace *trace, FILE *file)
{
    struct output output = {.file = file, .poll = MODEL_NEVER};
    bool is_open = open_output(&output, trace);
    const char *refusal = output.model.refusal ? output.model.refusal : "no memory";

    fprintf(
        file,
        "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"dropped\":%" PRIu64
        "%s%s%s},\"traceEvents\":[\n"
        "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"edo\"}}",
        edo_trace_dropped(trace), is_open ? "" : ",\"error\":\"", is_open ? "" : refusal,
        is_open ? "" : "\"");
    if (is_open)
        write_events(&output);
    fputs("\n]}\n", file);
    free(output.tellings);
    lanes_close(&output.lanes);
    model_close(&output.model);
}
