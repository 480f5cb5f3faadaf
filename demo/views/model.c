/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many events are searched for the poll that took the longest. */
enum { SEARCHED = 4096 };

/* Up to and with an event, in all. */
struct model_tally {
    uint64_t asleep_ns;
    size_t polls;
    bool is_asleep; /* after it */
};

static const struct edo_trace_event *event_at(const struct model *model, size_t step)
{
    return edo_trace_at(model->trace, step);
}

uint64_t model_time(const struct model *model, size_t step)
{
    if (model->count == 0)
        return 0;
    return event_at(model, step < model->count ? step : model->count - 1)->t_ns;
}

struct model_task *model_task(const struct model *model, uint32_t id)
{
    struct model_task *task = &model->tasks[id - model->first_task];

    return id - model->first_task < model->task_count && task->name != NULL ? task : NULL;
}

struct model_future *model_future(const struct model *model, uint32_t number)
{
    struct model_future *future = &model->futures[number - model->first_future];

    return number - model->first_future < model->future_count && future->type != NULL ? future
                                                                                      : NULL;
}

struct model_source *model_source(const struct model *model, uint32_t id)
{
    struct model_source *source = &model->sources[id - model->first_source];

    return id - model->first_source < model->source_count && source->id != 0 ? source : NULL;
}

const char *model_task_name(const struct model *model, uint32_t id)
{
    const struct model_task *task = model_task(model, id);

    return task != NULL ? task->name : "?";
}

/* --- How late, and why ------------------------------------------------------------------------ */

/* How long the thread had been asleep by a time, which is not after step `before`. */
static uint64_t asleep_by(const struct model *model, uint64_t t_ns, size_t before)
{
    size_t low = 0, high = before; /* the last event that is not after it: in [low, high) */

    if (model_time(model, 0) > t_ns)
        return 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (model_time(model, middle) <= t_ns)
            low = middle;
        else
            high = middle;
    }
    return model->tallies[low].asleep_ns +
           (model->tallies[low].is_asleep ? t_ns - model_time(model, low) : 0);
}

/* The task with the longest poll between a time and a step, 0 if there was no poll. */
static uint32_t longest_poll(const struct model *model, uint64_t from_ns, size_t until)
{
    uint64_t end_ns = model_time(model, until);
    uint64_t longest_ns = 0;
    uint32_t task = 0;

    for (size_t i = until; i-- > 0 && until - i < SEARCHED && end_ns > from_ns;) {
        const struct edo_trace_event *event = event_at(model, i);
        uint64_t begin_ns = event->t_ns > from_ns ? event->t_ns : from_ns;

        if (event->kind == EDO_TRACE_POLL_END)
            end_ns = event->t_ns;
        if (event->kind == EDO_TRACE_POLL_BEGIN && end_ns > begin_ns &&
            end_ns - begin_ns > longest_ns) {
            longest_ns = end_ns - begin_ns;
            task = event->task;
        }
        if (event->t_ns <= from_ns)
            break;
    }
    return task;
}

/* The timer's task is polled at step `polled`. */
static void judge(const struct model *model, struct model_source *timer, size_t polled)
{
    uint64_t due_ns = timer->deadline_ns;
    uint64_t fired_ns = model_time(model, timer->fired);
    uint64_t polled_ns = model_time(model, polled);
    struct model_late *late = &timer->late;

    if (!timer->is_timer || polled_ns <= due_ns)
        return;
    if (fired_ns < due_ns) /* an error of its timerfd */
        fired_ns = due_ns;
    late->total_ns = polled_ns - due_ns;
    late->others_ns = polled_ns - fired_ns;
    late->not_run_ns =
        model->tallies[timer->fired].asleep_ns - asleep_by(model, due_ns, timer->fired + 1);
    late->held_ns = late->total_ns - late->others_ns - late->not_run_ns;
    late->first_polls = model->tallies[polled].polls - model->tallies[timer->fired].polls - 1;
    if (late->held_ns > 0)
        late->holder = longest_poll(model, due_ns, timer->fired);
    if (late->first_polls > 0)
        late->first = longest_poll(model, fired_ns, polled);
}

const struct model_source *model_latest(const struct model *model)
{
    const struct model_source *latest = NULL;

    for (uint32_t i = 0; i < model->source_count; i++) {
        const struct model_source *source = &model->sources[i];

        if (source->is_timer && source->polled != MODEL_NEVER &&
            (latest == NULL || source->late.total_ns > latest->late.total_ns))
            latest = source;
    }
    return latest;
}

void model_blame(const struct model *model, const struct model_source *timer, char *text,
                 size_t size)
{
    const struct model_late *late = &timer->late;

    if (late->not_run_ns >= late->held_ns && late->not_run_ns >= late->others_ns)
        snprintf(text, size, "the thread did not run");
    else if (late->held_ns >= late->others_ns && late->holder == 0)
        snprintf(text, size, "the loop was held %.1f ms", (double)late->held_ns / 1e6);
    else if (late->held_ns >= late->others_ns)
        snprintf(text, size, "%s held the loop %.1f ms", model_task_name(model, late->holder),
                 (double)late->held_ns / 1e6);
    else if (late->first_polls > 1 || late->first == 0)
        snprintf(text, size, "%zu others came first", late->first_polls);
    else
        snprintf(text, size, "%s came first", model_task_name(model, late->first));
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void tally(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_tally *now = &model->tallies[step];

    if (step > 0)
        *now = now[-1];
    if (now->is_asleep)
        now->asleep_ns += event->t_ns - model_time(model, step - 1);
    if (event->kind == EDO_TRACE_ENTER || event->kind == EDO_TRACE_LEAVE)
        now->is_asleep = event->kind == EDO_TRACE_ENTER;
    now->polls += event->kind == EDO_TRACE_POLL_BEGIN;
}

/* A task of which the trace has not even the spawn is known from its first event that has its name
 * on. */
static void learn_task(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_task *task = &model->tasks[event->task - model->first_task];

    if (event->name == NULL || event->kind == EDO_TRACE_STATE || event->kind == EDO_TRACE_NAME ||
        event->kind == EDO_TRACE_PHASE)
        return;
    if (task->name == NULL)
        *task = (struct model_task){.name = event->name,
                                    .id = event->task,
                                    .spawned = MODEL_NEVER,
                                    .ended = MODEL_NEVER,
                                    .longest_poll = MODEL_NEVER};
    if (event->kind == EDO_TRACE_SPAWN) {
        task->spawner = event->other;
        task->spawning = (uint32_t)event->arg;
        task->spawned = step;
    } else if (event->kind == EDO_TRACE_DONE) {
        task->outcome = event->to;
        task->error = (int)event->arg;
        task->ended = step;
    }
}

/* A sleep arms its timer, which may be due at once, and then goes to its first await. */
static void learn_leaf(struct model *model, const struct model_future *future, size_t step)
{
    struct model_source *source;
    size_t before = step;

    if (before > 0 && event_at(model, before - 1)->kind == EDO_TRACE_FIRE)
        before--;
    if (before == 0 || event_at(model, before - 1)->kind != EDO_TRACE_ARM)
        return;
    source = model_source(model, event_at(model, before - 1)->other);
    if (source != NULL && source->task == future->task)
        source->future = future->number;
}

static void learn_future(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_future *future = &model->futures[event->other - model->first_future];

    if (future->number == 0)
        *future = (struct model_future){.number = event->other,
                                        .task = event->task,
                                        .parent = (uint32_t)event->arg,
                                        .began = step,
                                        .ended = MODEL_NEVER};
    if (event->kind == EDO_TRACE_NAME) {
        future->name = event->name;
        return;
    }
    if (future->type == NULL)
        learn_leaf(model, future, step);
    future->type = event->name;
    if (future->name == NULL)
        future->name = event->name;
    if (strcmp(event->to, "EDO_DONE") == 0 || strcmp(event->to, "EDO_FAILED") == 0 ||
        strcmp(event->to, "EDO_CANCELLED") == 0) {
        future->outcome = event->to;
        future->ended = step;
    }
}

/* Another deadline: what was disarmed just before. */
static uint32_t future_of_former(const struct model *model, size_t step)
{
    const struct edo_trace_event *before = step > 0 ? event_at(model, step - 1) : NULL;
    const struct model_source *former = before != NULL && before->kind == EDO_TRACE_DISARM
                                            ? model_source(model, before->other)
                                            : NULL;

    return former != NULL ? former->future : 0;
}

/* The task, if it is known, is to be polled because of the source. */
static void expect_poll(struct model *model, struct model_source *source)
{
    struct model_task *task = model_task(model, source->task);

    if (task == NULL)
        return;
    source->next_unpolled = task->unpolled_source;
    task->unpolled_source = source->id;
}

static void learn_source(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    uint32_t id = event->kind == EDO_TRACE_WAKE ? (uint32_t)event->arg : event->other;
    struct model_source *source = &model->sources[id - model->first_source];

    if (event->kind == EDO_TRACE_ARM)
        *source = (struct model_source){.id = id,
                                        .is_timer = event->arg != 0,
                                        .fd = event->fd,
                                        .task = event->task,
                                        .future = future_of_former(model, step),
                                        .deadline_ns = event->arg,
                                        .armed = step,
                                        .fired = MODEL_NEVER,
                                        .disarmed = MODEL_NEVER,
                                        .woken = MODEL_NEVER,
                                        .polled = MODEL_NEVER};
    if (source->id == 0)
        return;
    if (event->kind == EDO_TRACE_FIRE) {
        source->fired = step;
        expect_poll(model, source);
    } else if (event->kind == EDO_TRACE_DISARM) {
        source->disarmed = step;
    } else if (event->kind == EDO_TRACE_WAKE) {
        source->woken = step;
        source->task = event->task;
    }
}

/* A poll begins: it answers to all that has fired for its task. */
static void learn_poll(struct model *model, size_t step)
{
    struct model_task *task = model_task(model, event_at(model, step)->task);
    struct model_source *source;

    while (task != NULL && (source = model_source(model, task->unpolled_source)) != NULL) {
        task->unpolled_source = source->next_unpolled;
        if (source->disarmed != MODEL_NEVER)
            continue;
        source->polled = step;
        judge(model, source, step);
    }
}

static void learn_poll_end(struct model *model, size_t begin, size_t step)
{
    struct model_task *task = model_task(model, event_at(model, step)->task);
    uint64_t took_ns = model_time(model, step) - model_time(model, begin);

    if (task == NULL)
        return;
    task->stuck_since = step;
    if (took_ns < task->longest_poll_ns)
        return;
    task->longest_poll_ns = took_ns;
    task->longest_poll = begin;
}

static void learn_stuck(struct model *model)
{
    for (uint32_t i = 0; i < model->task_count; i++)
        model->tasks[i].is_stuck =
            model->tasks[i].name != NULL && model->tasks[i].ended == MODEL_NEVER;
}

static bool is_wake_by_source(const struct edo_trace_event *event)
{
    return strcmp(event->from, "timer") == 0 || strcmp(event->from, "fd") == 0;
}

static void learn(struct model *model)
{
    size_t poll = 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct edo_trace_event *event = event_at(model, i);

        tally(model, i);
        if (event->task != 0)
            learn_task(model, i);
        switch (event->kind) {
        case EDO_TRACE_STATE:
        case EDO_TRACE_NAME:
            learn_future(model, i);
            break;
        case EDO_TRACE_WAKE:
            if (!is_wake_by_source(event))
                break;
            /* fall through */
        case EDO_TRACE_ARM:
        case EDO_TRACE_DISARM:
        case EDO_TRACE_FIRE:
            learn_source(model, i);
            break;
        case EDO_TRACE_POLL_BEGIN:
            poll = i;
            learn_poll(model, i);
            break;
        case EDO_TRACE_POLL_END:
            learn_poll_end(model, poll, i);
            break;
        case EDO_TRACE_STUCK:
            learn_stuck(model);
            break;
        case EDO_TRACE_SPAWN:
        case EDO_TRACE_DONE:
        case EDO_TRACE_CANCEL:
        case EDO_TRACE_ENTER:
        case EDO_TRACE_LEAVE:
        case EDO_TRACE_PHASE:
        case EDO_TRACE_LOST:
            break;
        }
    }
}

/* --- What is true now ------------------------------------------------------------------------- */

static void set_state(const struct model *model, uint32_t id, enum model_state state, size_t step)
{
    struct model_task *task = model_task(model, id);

    if (task == NULL)
        return;
    task->state = state;
    task->since = step;
}

static void set_source(const struct model *model, uint32_t id, bool is_armed, bool is_due)
{
    struct model_source *source = model_source(model, id);

    if (source == NULL)
        return;
    source->is_armed = is_armed;
    source->is_due = is_due;
}

/* A poll has answered. Woken meanwhile, the task is in the run queue already, since then. */
static void end_poll(struct model *model, const struct edo_trace_event *event, size_t step)
{
    const struct model_task *task = model_task(model, event->task);

    model->polled = 0;
    if (task != NULL && task->state == MODEL_POLLED)
        set_state(model, event->task, MODEL_WAITING, step);
}

static void apply(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_future *future;

    switch (event->kind) {
    case EDO_TRACE_SPAWN:
        set_state(model, event->task, MODEL_READY, step);
        break;
    case EDO_TRACE_WAKE:
        if (event->to == NULL) /* else it is ready already */
            set_state(model, event->task, MODEL_READY, step);
        if (is_wake_by_source(event))
            set_source(model, (uint32_t)event->arg, false, false);
        break;
    case EDO_TRACE_POLL_BEGIN:
        model->polled = event->task;
        set_state(model, event->task, MODEL_POLLED, step);
        break;
    case EDO_TRACE_POLL_END:
        end_poll(model, event, step);
        break;
    case EDO_TRACE_DONE:
        set_state(model, event->task, MODEL_ENDED, step);
        break;
    case EDO_TRACE_STATE:
        future = model_future(model, event->other);
        if (future != NULL)
            future->state = event->to;
        break;
    case EDO_TRACE_ARM:
        set_source(model, event->other, true, false);
        break;
    case EDO_TRACE_FIRE:
        set_source(model, event->other, false, true);
        break;
    case EDO_TRACE_DISARM:
        set_source(model, event->other, false, false);
        break;
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
        model->is_asleep = event->kind == EDO_TRACE_ENTER;
        break;
    case EDO_TRACE_NAME:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_PHASE:
    case EDO_TRACE_LOST:
        break;
    }
}

static void rewind_model(struct model *model)
{
    model->step = 0;
    model->is_asleep = false;
    model->polled = 0;
    for (uint32_t i = 0; i < model->task_count; i++)
        model->tasks[i].state = MODEL_UNKNOWN;
    for (uint32_t i = 0; i < model->future_count; i++)
        model->futures[i].state = NULL;
    for (uint32_t i = 0; i < model->source_count; i++)
        model->sources[i].is_armed = model->sources[i].is_due = false;
}

void model_seek(struct model *model, size_t step)
{
    if (step < model->step)
        rewind_model(model);
    for (; model->step < step && model->step < model->count; model->step++)
        apply(model, model->step);
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* The numbers from the least to the greatest. */
struct range {
    uint32_t first, last;
};

static void extend(struct range *range, uint32_t number)
{
    if (number == 0)
        return;
    if (range->last == 0 || number < range->first)
        range->first = number;
    if (number > range->last)
        range->last = number;
}

static uint32_t length(const struct range *range)
{
    return range->last > 0 ? range->last - range->first + 1 : 0;
}

/* A wake may name a source of which the trace knows nothing else. */
static void measure(const struct model *model, struct range *tasks, struct range *futures,
                    struct range *sources)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct edo_trace_event *event = event_at(model, i);

        extend(tasks, event->task);
        if (event->kind == EDO_TRACE_STATE || event->kind == EDO_TRACE_NAME)
            extend(futures, event->other);
        if (event->kind == EDO_TRACE_ARM || event->kind == EDO_TRACE_DISARM ||
            event->kind == EDO_TRACE_FIRE)
            extend(sources, event->other);
        if (event->kind == EDO_TRACE_WAKE && is_wake_by_source(event))
            extend(sources, (uint32_t)event->arg);
    }
}

bool model_open(struct model *model, const struct edo_trace *trace)
{
    struct range tasks = {0}, futures = {0}, sources = {0};

    *model = (struct model){.trace = trace, .count = edo_trace_count(trace)};
    measure(model, &tasks, &futures, &sources);
    model->first_task = tasks.first;
    model->first_future = futures.first;
    model->first_source = sources.first;
    model->task_count = length(&tasks);
    model->future_count = length(&futures);
    model->source_count = length(&sources);
    /* One more, so that none is empty, and what malloc answers to that does not matter. */
    model->tasks = calloc((size_t)model->task_count + 1, sizeof *model->tasks);
    model->futures = calloc((size_t)model->future_count + 1, sizeof *model->futures);
    model->sources = calloc((size_t)model->source_count + 1, sizeof *model->sources);
    model->tallies = calloc(model->count + 1, sizeof *model->tallies);
    if (model->tasks == NULL || model->futures == NULL || model->sources == NULL ||
        model->tallies == NULL) {
        model_close(model);
        return false;
    }
    learn(model);
    return true;
}

void model_close(struct model *model)
{
    free(model->tasks);
    free(model->futures);
    free(model->sources);
    free(model->tallies);
    *model = (struct model){0};
}
