/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdio.h>
#include <string.h>

#include "room.h"
#include "text.h"

/* Up to and with an event, in all. */
struct model_tally {
    uint64_t asleep_ns;
    size_t polls;
    bool is_asleep; /* after it */
};

/* From step to step. */
struct model_poll {
    size_t begin, end;
};

/* As edo_trace_at, without its division: this is called for each event many times. */
static const struct edo_trace_event *event_at(const struct model *model, size_t step)
{
    size_t at = model->oldest + step;

    return &model->trace->events[at < model->trace->capacity ? at : at - model->trace->capacity];
}

uint64_t model_time(const struct model *model, size_t step)
{
    if (model->count == 0)
        return 0;
    return event_at(model, step < model->count ? step : model->count - 1)->t_ns;
}

struct model_task *model_task(const struct model *model, uint32_t id)
{
    uint32_t at = id - model->first_task;

    return at < model->task_count && model->tasks[at].name != NULL ? &model->tasks[at] : NULL;
}

struct model_future *model_future(const struct model *model, uint32_t number)
{
    uint32_t at = number - model->first_future;

    return at < model->future_count && model->futures[at].type != NULL ? &model->futures[at] : NULL;
}

struct model_source *model_source(const struct model *model, uint32_t id)
{
    uint32_t at = id - model->first_source;

    return at < model->source_count && model->sources[at].id != 0 ? &model->sources[at] : NULL;
}

const char *model_task_name(const struct model *model, uint32_t id)
{
    const struct model_task *task = model_task(model, id);

    return task != NULL ? task->name : "?";
}

const char *model_sleeper_name(const struct model *model, const struct model_source *timer)
{
    const struct model_future *future = model_future(model, timer->future);

    while (future != NULL && future->name == future->type)
        future = model_future(model, future->parent);
    return future != NULL ? future->name : model_task_name(model, timer->task);
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

static uint64_t length_of(const struct model *model, const struct model_poll *poll)
{
    return model_time(model, poll->end) - model_time(model, poll->begin);
}

/* Of the polls that are over, those that took longer than all after them. */
static void note_poll(struct model *model, size_t begin, size_t end)
{
    const struct model_poll poll = {begin, end};

    while (model->longest_count > 0 &&
           length_of(model, &model->longest[model->longest_count - 1]) <= length_of(model, &poll))
        model->longest_count--;
    model->longest[model->longest_count++] = poll;
}

/* The task of which one poll took half the time or more, from then until now, and how much of it; 0
 * if none did. Only the first poll may have begun before: that, or the longest of the others. */
static uint32_t who_took_half(const struct model *model, uint64_t from_ns, uint64_t now_ns,
                              uint64_t *took_ns)
{
    size_t low = 0, high = model->longest_count; /* the first that ended later: in [low, high] */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (model_time(model, model->longest[middle].end) > from_ns)
            high = middle;
        else
            low = middle + 1;
    }
    for (size_t i = low; i < model->longest_count && i < low + 2 && now_ns > from_ns; i++) {
        const struct model_poll *poll = &model->longest[i];
        uint64_t begin_ns = model_time(model, poll->begin);

        if (begin_ns < from_ns)
            begin_ns = from_ns;
        *took_ns = model_time(model, poll->end) - begin_ns;
        if (*took_ns >= (now_ns - from_ns + 1) / 2)
            return event_at(model, poll->begin)->task;
    }
    return 0;
}

/* The timer is to be woken for: until the last look at the kernel nobody could know. */
static void note_look(const struct model *model, struct model_source *timer)
{
    timer->looked = model->looked;
    timer->late.holder = who_took_half(model, timer->deadline_ns, model_time(model, timer->looked),
                                       &timer->late.holder_ns);
}

/* Whether the thread has watched the clock from step `leave` until the timer fired at step `fire`:
 * the deadline came between the two, and the timer was armed before. */
static bool has_watched(const struct model *model, size_t leave, size_t fire)
{
    const struct edo_trace_event *begin = event_at(model, leave), *end = event_at(model, fire);
    const struct model_source *timer = model_source(model, end->other);

    return begin->kind == EDO_TRACE_LEAVE && timer != NULL && timer->armed < leave &&
           begin->t_ns < timer->deadline_ns && timer->deadline_ns <= end->t_ns;
}

size_t model_watched_until(const struct model *model, size_t leave)
{
    for (size_t step = leave + 1; step < model->count; step++) {
        enum edo_trace_kind kind = event_at(model, step)->kind;

        if (kind == EDO_TRACE_FIRE)
            return has_watched(model, leave, step) ? step : MODEL_NEVER;
        if (kind == EDO_TRACE_POLL_BEGIN || kind == EDO_TRACE_ENTER)
            break;
    }
    return MODEL_NEVER;
}

/* The timer's task is polled at step `polled`. */
static void judge(const struct model *model, struct model_source *timer, size_t polled)
{
    uint64_t due_ns = timer->deadline_ns;
    uint64_t looked_ns = model_time(model, timer->looked);
    uint64_t polled_ns = model_time(model, polled);
    struct model_late *late = &timer->late;
    uint64_t took_ns;

    if (!timer->is_timer || polled_ns <= due_ns)
        return;
    if (looked_ns <= due_ns)
        looked_ns = due_ns; /* armed when it was due, or an error of its timerfd */
    else if (event_at(model, timer->looked)->kind == EDO_TRACE_FIRE)
        late->not_run_ns = looked_ns - due_ns; /* who watches the clock is late only if stopped */
    else
        late->not_run_ns =
            model->tallies[timer->looked].asleep_ns - asleep_by(model, due_ns, timer->looked + 1);
    late->total_ns = polled_ns - due_ns;
    late->others_ns = polled_ns - looked_ns;
    late->held_ns = late->total_ns - late->others_ns - late->not_run_ns;
    late->first_polls = model->tallies[polled].polls - model->tallies[timer->looked].polls - 1;
    late->first = late->first_polls > 0 ? who_took_half(model, looked_ns, polled_ns, &took_ns) : 0;
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

enum model_fault model_fault(const struct model_late *late)
{
    if (late->not_run_ns >= late->held_ns && late->not_run_ns >= late->others_ns)
        return MODEL_NOT_RUN;
    return late->held_ns >= late->others_ns ? MODEL_HELD : MODEL_OTHERS;
}

/* Of a name where others stand beside it, in bytes. */
enum { BRIEF = 52 };

static void blame_others(const struct model *model, const struct model_late *late, char *text,
                         size_t size)
{
    char name[BRIEF];

    text_brief(name, sizeof name, model_task_name(model, late->first));
    if (late->first != 0)
        snprintf(text, size, "%s came first", name);
    else if (late->first_polls > 1)
        snprintf(text, size, "%zu others came first", late->first_polls);
    else
        snprintf(text, size, "other timers came first"); /* to be collected and woken */
}

void model_blame(const struct model *model, const struct model_source *timer, char *text,
                 size_t size)
{
    const struct model_late *late = &timer->late;
    char name[BRIEF];

    text_brief(name, sizeof name, model_task_name(model, late->holder));
    switch (model_fault(late)) {
    case MODEL_NOT_RUN:
        snprintf(text, size, "the thread did not run");
        break;
    case MODEL_HELD:
        if (late->holder != 0)
            snprintf(text, size, "%s held the loop %.1f ms", name, (double)late->holder_ns / 1e6);
        else
            snprintf(text, size, "the loop was held %.1f ms", (double)late->held_ns / 1e6);
        break;
    case MODEL_OTHERS:
    case MODEL_FAULTS:
        blame_others(model, late, text, size);
        break;
    }
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
                                    .woken = MODEL_NEVER,
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

/* A future that spawns before its first await has no number yet. It has one in its first step,
 * which comes next. */
static void learn_spawner(struct model *model, const struct model_future *future, size_t step)
{
    while (step-- > 0) {
        const struct edo_trace_event *event = event_at(model, step);
        struct model_task *task = model_task(model, event->task);

        if (event->kind != EDO_TRACE_SPAWN || event->other != future->task || event->arg != 0)
            break;
        if (task != NULL)
            task->spawning = future->number;
    }
}

static void learn_future(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_future *future;

    if (event->other == 0)
        return;
    future = &model->futures[event->other - model->first_future];
    if (future->number == 0) {
        *future = (struct model_future){.number = event->other,
                                        .task = event->task,
                                        .parent = (uint32_t)event->arg,
                                        .began = step,
                                        .ended = MODEL_NEVER};
        learn_spawner(model, future, step);
    }
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

/* Another task was to be polled because of the source. */
static void expect_no_more(const struct model *model, struct model_source *source)
{
    struct model_task *task = model_task(model, source->expected);
    uint32_t *link = task != NULL ? &task->unpolled_source : NULL;

    while (link != NULL && *link != 0 && *link != source->id)
        link = &model_source(model, *link)->next_unpolled;
    if (link != NULL && *link != 0)
        *link = source->next_unpolled;
    source->expected = 0;
}

/* Its task, if that is known, is to be polled because of the source. */
static void expect_poll(const struct model *model, struct model_source *source)
{
    struct model_task *task = model_task(model, source->task);

    note_look(model, source);
    if (source->expected != 0 && source->expected != source->task)
        expect_no_more(model, source);
    if (task == NULL || source->expected != 0)
        return;
    source->expected = source->task;
    source->next_unpolled = task->unpolled_source;
    task->unpolled_source = source->id;
}

/* The deadline 0 is a timer's where it fires at once, as a time that has come does. Else it is a
 * wait for an fd that was registered before, or for another thread. */
static bool is_of_timer(const struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    const struct edo_trace_event *next =
        step + 1 < model->count ? event_at(model, step + 1) : event;

    return event->arg != 0 ||
           (event->fd < 0 && next->kind == EDO_TRACE_FIRE && next->other == event->other);
}

/* Of one that was armed before the trace begins, the first that is known is that it fires. */
static void learn_armed(const struct model *model, struct model_source *source, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    bool is_armed = event->kind == EDO_TRACE_ARM;

    *source = (struct model_source){.id = event->other,
                                    .is_timer = is_of_timer(model, step),
                                    .fd = event->fd,
                                    .task = event->task,
                                    .future = is_armed ? future_of_former(model, step) : 0,
                                    .deadline_ns = event->arg,
                                    .armed = is_armed ? step : MODEL_NEVER,
                                    .fired = MODEL_NEVER,
                                    .disarmed = MODEL_NEVER,
                                    .woken = MODEL_NEVER,
                                    .polled = MODEL_NEVER};
}

static void learn_source(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    uint32_t id = event->kind == EDO_TRACE_WAKE ? (uint32_t)event->arg : event->other;
    struct model_source *source;

    if (id == 0)
        return;
    source = &model->sources[id - model->first_source];
    /* It has its id for this one time. */
    if (source->id == 0 && (event->kind == EDO_TRACE_ARM || event->kind == EDO_TRACE_FIRE))
        learn_armed(model, source, step);
    if (source->id == 0)
        return;
    if (event->kind == EDO_TRACE_FIRE) {
        source->fired = step;
        expect_poll(model, source);
    } else if (event->kind == EDO_TRACE_DISARM) {
        source->disarmed = step;
    } else if (event->kind == EDO_TRACE_WAKE && source->woken == MODEL_NEVER) {
        source->woken = step;
        source->task = event->task;
        source->is_timer = strcmp(event->from, "timer") == 0;
        expect_poll(model, source);
    }
}

/* Whether the task was woken because of a timer that has fired: by its waker, or by one that took
 * the task's in another name. Else the waker is not a task's. */
static bool has_woken(const struct model_task *task, const struct model_source *source)
{
    return source->woken != MODEL_NEVER ||
           (task->woken != MODEL_NEVER && task->woken_after == source->looked &&
            task->woken > source->fired);
}

/* A poll begins: it answers to all that has fired for its task. */
static void learn_poll(struct model *model, size_t step)
{
    struct model_task *task = model_task(model, event_at(model, step)->task);
    struct model_source *source;

    while (task != NULL && (source = model_source(model, task->unpolled_source)) != NULL) {
        task->unpolled_source = source->next_unpolled;
        source->expected = 0;
        if (source->disarmed != MODEL_NEVER || !has_woken(task, source))
            continue;
        source->polled = step;
        judge(model, source, step);
    }
}

static void learn_poll_end(struct model *model, size_t begin, size_t step)
{
    struct model_task *task = model_task(model, event_at(model, step)->task);
    uint64_t took_ns = model_time(model, step) - model_time(model, begin);

    note_poll(model, begin, step);
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

bool model_is_by_source(const struct edo_trace_event *wake)
{
    static const char *const causes[] = {"timer", "fd", "peer", "signal", "child", "thread"};

    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (strcmp(wake->from, causes[i]) == 0)
            return true;
    return false;
}

static void learn_wake(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);
    struct model_task *task = model_task(model, event->task);

    if (task != NULL) {
        task->woken = step;
        task->woken_after = model->looked;
    }
    if (model_is_by_source(event))
        learn_source(model, step);
}

static void learn_event(struct model *model, size_t step)
{
    const struct edo_trace_event *event = event_at(model, step);

    switch (event->kind) {
    case EDO_TRACE_STATE:
    case EDO_TRACE_NAME:
        learn_future(model, step);
        break;
    case EDO_TRACE_WAKE:
        learn_wake(model, step);
        break;
    case EDO_TRACE_FIRE:
        if (has_watched(model, model->looked, step))
            model->looked = step;
        /* fall through */
    case EDO_TRACE_ARM:
    case EDO_TRACE_DISARM:
        learn_source(model, step);
        break;
    case EDO_TRACE_POLL_BEGIN:
        model->poll = step;
        learn_poll(model, step);
        break;
    case EDO_TRACE_POLL_END:
        learn_poll_end(model, model->poll, step);
        /* fall through */
    case EDO_TRACE_LEAVE:
        model->looked = step;
        break;
    case EDO_TRACE_STUCK:
        learn_stuck(model);
        break;
    case EDO_TRACE_SPAWN:
    case EDO_TRACE_DONE:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_ENTER:
    case EDO_TRACE_PHASE:
    case EDO_TRACE_LOST:
        break;
    }
}

/* Numbers count up. So who was there before has a lower one, and every chain of parents or spawners
 * has an end. What says otherwise is no trace of a run, and is not followed. */
static void forget_circles(struct model *model)
{
    for (uint32_t i = 0; i < model->future_count; i++) {
        struct model_future *future = &model->futures[i];
        const struct model_future *parent = model_future(model, future->parent);

        if (future->parent >= future->number || (parent != NULL && parent->task > future->task))
            future->parent = 0;
    }
    for (uint32_t i = 0; i < model->task_count; i++) {
        struct model_task *task = &model->tasks[i];
        const struct model_future *spawning = model_future(model, task->spawning);

        if (task->spawner >= task->id)
            task->spawner = 0;
        if (spawning != NULL && spawning->task >= task->id)
            task->spawning = 0;
    }
}

/* What the futures have to do with timers and with each other. */
static void relate(struct model *model)
{
    struct model_future *future;

    forget_circles(model);
    for (uint32_t i = 0; i < model->source_count; i++) {
        future = model_future(model, model->sources[i].future);
        if (future != NULL && model->sources[i].is_timer)
            future->has_timer = true;
    }
    for (uint32_t i = 0; i < model->future_count; i++) {
        future = model_future(model, model->futures[i].parent);
        if (future != NULL && model->futures[i].number != 0)
            future->has_child = true;
    }
}

static void learn(struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        tally(model, i);
        if (event_at(model, i)->task != 0)
            learn_task(model, i);
        learn_event(model, i);
    }
    relate(model);
}

/* --- What is true now ------------------------------------------------------------------------- */

static void set_state(const struct model *model, uint32_t id, enum model_state state, size_t step)
{
    struct model_task *task = model_task(model, id);

    if (task == NULL)
        return;
    task->state = state;
    task->since = step;
    task->is_urgent = false;
}

/* It comes into the run queue. There already, it is put before the others if a source wakes it. */
static void set_woken(const struct model *model, const struct edo_trace_event *wake, size_t step)
{
    struct model_task *task = model_task(model, wake->task);

    if (task == NULL || (wake->to != NULL && (task->is_urgent || !model_is_by_source(wake))))
        return;
    set_state(model, wake->task, MODEL_READY, step);
    task->is_urgent = model_is_by_source(wake);
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

static void apply_to_task(struct model *model, const struct edo_trace_event *event, size_t step)
{
    switch (event->kind) {
    case EDO_TRACE_SPAWN:
        set_state(model, event->task, MODEL_READY, step);
        break;
    case EDO_TRACE_WAKE:
        set_woken(model, event, step);
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
    case EDO_TRACE_NAME:
    case EDO_TRACE_ARM:
    case EDO_TRACE_DISARM:
    case EDO_TRACE_FIRE:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_PHASE:
    case EDO_TRACE_LOST:
        break;
    }
}

static void apply_to_others(struct model *model, const struct edo_trace_event *event)
{
    struct model_future *future;

    switch (event->kind) {
    case EDO_TRACE_STATE:
        future = model_future(model, event->other);
        if (future != NULL)
            future->state = event->to;
        break;
    case EDO_TRACE_ARM:
    case EDO_TRACE_FIRE:
    case EDO_TRACE_DISARM:
        set_source(model, event->other, event->kind == EDO_TRACE_ARM,
                   event->kind == EDO_TRACE_FIRE);
        break;
    case EDO_TRACE_WAKE:
        if (model_is_by_source(event))
            set_source(model, (uint32_t)event->arg, false, false);
        break;
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
        model->is_asleep = event->kind == EDO_TRACE_ENTER;
        break;
    case EDO_TRACE_SPAWN:
    case EDO_TRACE_NAME:
    case EDO_TRACE_POLL_BEGIN:
    case EDO_TRACE_POLL_END:
    case EDO_TRACE_DONE:
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
    for (; model->step < step && model->step < model->count; model->step++) {
        apply_to_task(model, event_at(model, model->step), model->step);
        apply_to_others(model, event_at(model, model->step));
    }
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* The numbers from the least to the greatest. */
struct range {
    uint32_t first, last;
};

/* A file may be the end of a longer run. So many of its numbers may have been given before. */
enum { NUMBERS_BEFORE = 1 << 20 };

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
        if (event->kind == EDO_TRACE_WAKE && model_is_by_source(event))
            extend(sources, (uint32_t)event->arg);
    }
}

static bool has_texts(const struct edo_trace_event *event)
{
    switch (event->kind) {
    case EDO_TRACE_STATE:
        return event->name != NULL && event->from != NULL && event->to != NULL;
    case EDO_TRACE_NAME:
    case EDO_TRACE_PHASE:
        return event->name != NULL;
    case EDO_TRACE_WAKE:
        return event->from != NULL;
    case EDO_TRACE_POLL_END:
    case EDO_TRACE_DONE:
        return event->to != NULL;
    case EDO_TRACE_SPAWN:
    case EDO_TRACE_ARM:
    case EDO_TRACE_DISARM:
    case EDO_TRACE_FIRE:
    case EDO_TRACE_POLL_BEGIN:
    case EDO_TRACE_CANCEL:
    case EDO_TRACE_ENTER:
    case EDO_TRACE_LEAVE:
    case EDO_TRACE_STUCK:
    case EDO_TRACE_LOST:
        break;
    }
    return true;
}

/* NULL, or why no run can have recorded these events. */
static const char *refuse_events(const struct model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        if (i > 0 && event_at(model, i)->t_ns < model_time(model, i - 1))
            return "time goes back in the trace";
        if (!has_texts(event_at(model, i)))
            return "an event of the trace lacks a text";
    }
    return NULL;
}

/* There is an array with a place for each number of the range. */
static bool is_too_long(const struct model *model, const struct range *range)
{
    return length(range) > model->trace->recorded + NUMBERS_BEFORE;
}

static bool refuse(struct model *model, const char *why)
{
    model_close(model);
    model->refusal = why;
    return false;
}

/* One more place in each, so that none is empty, and what malloc answers to that does not matter.
 */
static bool take_room(struct model *model)
{
    model->tasks = room_take((size_t)model->task_count + 1, sizeof *model->tasks);
    model->futures = room_take((size_t)model->future_count + 1, sizeof *model->futures);
    model->sources = room_take((size_t)model->source_count + 1, sizeof *model->sources);
    model->tallies = room_take(model->count + 1, sizeof *model->tallies);
    model->longest = room_take(model->count + 1, sizeof *model->longest);
    return model->tasks != NULL && model->futures != NULL && model->sources != NULL &&
           model->tallies != NULL && model->longest != NULL;
}

bool model_open(struct model *model, const struct edo_trace *trace)
{
    struct range tasks = {0}, futures = {0}, sources = {0};
    const char *why;

    *model = (struct model){.trace = trace,
                            .count = edo_trace_count(trace),
                            .oldest = (size_t)(edo_trace_dropped(trace) % trace->capacity)};
    why = refuse_events(model);
    if (why != NULL)
        return refuse(model, why);
    measure(model, &tasks, &futures, &sources);
    if (is_too_long(model, &tasks) || is_too_long(model, &futures) || is_too_long(model, &sources))
        return refuse(model, "numbers in the trace lie too far apart");
    model->first_task = tasks.first;
    model->first_future = futures.first;
    model->first_source = sources.first;
    model->task_count = length(&tasks);
    model->future_count = length(&futures);
    model->source_count = length(&sources);
    if (!take_room(model))
        return refuse(model, "no memory");
    learn(model);
    room_give(model->longest);
    model->longest = NULL;
    return true;
}

void model_close(struct model *model)
{
    room_give(model->tasks);
    room_give(model->futures);
    room_give(model->sources);
    room_give(model->tallies);
    room_give(model->longest);
    *model = (struct model){0};
}
