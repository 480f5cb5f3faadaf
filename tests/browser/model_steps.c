/* SPDX-License-Identifier: MIT */
/* model_steps.c - what the C model says of a run, step by step, for the tests of the player:
 *
 *   build/browser/model_steps FILE [EVERY]
 *
 * reads a trace as --trace writes it, and prints a line of JSON about the whole, and then one for
 * each step, or for one in EVERY and the last. Texts are as the pictures have them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"
#include "read_trace.h"
#include "views/model.h"
#include "views/text.h"

/* --- JSON ------------------------------------------------------------------------------------- */

/* What all pictures show of it: no control characters, nothing that is no UTF-8. */
static void print_text(const char *text)
{
    putchar('"');
    while (*text != '\0') {
        uint32_t code = text_next_shown(&text);

        if (code == '"' || code == '\\')
            putchar('\\');
        text_put(code, stdout);
    }
    putchar('"');
}

/* From the first event on; null for never. */
static void print_time(const struct model *model, uint64_t t_ns)
{
    if (t_ns == EDO_NEVER)
        printf("null");
    else
        printf("%" PRId64, (int64_t)(t_ns - model_time(model, 0)));
}

/* All that there ever are: [id, name], and [number, task, parent, name]. */
static void print_whole(const struct model *model)
{
    const char *comma = "";

    printf("{\"events\":%zu,\"tasks\":[", model->count);
    for (uint32_t i = 0; i < model->task_count; i++) {
        if (model->tasks[i].name == NULL)
            continue;
        printf("%s[%" PRIu32 ",", comma, model->tasks[i].id);
        print_text(model->tasks[i].name);
        printf("]");
        comma = ",";
    }
    printf("],\"futures\":[");
    comma = "";
    for (uint32_t i = 0; i < model->future_count; i++) {
        const struct model_future *future = &model->futures[i];

        if (future->type == NULL)
            continue;
        printf("%s[%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", comma, future->number, future->task,
               future->parent);
        print_text(future->name);
        printf("]");
        comma = ",";
    }
    printf("]}\n");
}

/* --- A step ----------------------------------------------------------------------------------- */

static int compare_place(const void *one, const void *other)
{
    const struct model_task *a = *(const struct model_task *const *)one;
    const struct model_task *b = *(const struct model_task *const *)other;

    if (a->is_urgent != b->is_urgent)
        return a->is_urgent ? -1 : 1;
    if (a->since != b->since)
        return a->since < b->since ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Of a task that is yet to be spawned there is nothing to know. */
static bool is_in(const struct model_task *task, enum model_state state)
{
    return task->name != NULL && task->state == state &&
           (state != MODEL_UNKNOWN || task->spawned == MODEL_NEVER);
}

/* In the order of their queue, or the first to come into the state first. `room` is for all tasks.
 */
static void print_tasks(const struct model *model, const char *what, enum model_state state,
                        const struct model_task **room)
{
    size_t count = 0;

    for (uint32_t i = 0; i < model->task_count; i++)
        if (is_in(&model->tasks[i], state))
            room[count++] = &model->tasks[i];
    if (count > 0)
        qsort(room, count, sizeof(struct model_task *), compare_place);
    printf(",\"%s\":[", what);
    for (size_t i = 0; i < count; i++)
        printf("%s%" PRIu32, i > 0 ? "," : "", room[i]->id);
    printf("]");
}

/* What is no timer comes first. */
static int compare_deadline(const void *one, const void *other)
{
    const struct model_source *a = *(const struct model_source *const *)one;
    const struct model_source *b = *(const struct model_source *const *)other;
    uint64_t a_ns = a->is_timer ? a->deadline_ns : 0, b_ns = b->is_timer ? b->deadline_ns : 0;

    if (a_ns != b_ns)
        return a_ns < b_ns ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* [id, fd, deadline, the task that armed it, or -1 where that is not known, whether it is a timer].
 */
static void print_source(const struct model *model, const struct model_source *source)
{
    printf("[%" PRIu32 ",%d,", source->id, source->fd);
    if (source->is_timer)
        print_time(model, source->deadline_ns);
    else
        printf("0");
    printf(",%" PRId64 ",%s]",
           source->armed != MODEL_NEVER ? (int64_t)edo_trace_at(model->trace, source->armed)->task
                                        : -1,
           source->is_timer ? "true" : "false");
}

static void print_sources(const struct model *model, const char *what, bool is_due,
                          const struct model_source **room)
{
    size_t count = 0;

    for (uint32_t i = 0; i < model->source_count; i++)
        if (model->sources[i].id != 0 &&
            (is_due ? model->sources[i].is_due : model->sources[i].is_armed))
            room[count++] = &model->sources[i];
    if (count > 0)
        qsort(room, count, sizeof(struct model_source *), compare_deadline);
    printf(",\"%s\":[", what);
    for (size_t i = 0; i < count; i++) {
        printf("%s", i > 0 ? "," : "");
        print_source(model, room[i]);
    }
    printf("]");
}

/* Whether it is a task's own. Of a task that is older than the trace, that is not known. */
static bool is_own(const struct model_future *future, const struct model_task *task)
{
    return future->parent == 0 && task != NULL && task->spawned != MODEL_NEVER;
}

/* Whether a task is still made of it: a task's own future is until the task has ended, too. */
static bool is_there(const struct model *model, const struct model_future *future)
{
    const struct model_task *task = model_task(model, future->task);

    if (future->type == NULL || future->began >= model->step)
        return false;
    return future->ended >= model->step || (is_own(future, task) && task->state != MODEL_ENDED);
}

/* [number, state]. One that only has a name as yet has not gone on. */
static void print_futures(const struct model *model)
{
    const char *comma = "";

    printf(",\"futures\":[");
    for (uint32_t i = 0; i < model->future_count; i++) {
        const struct model_future *future = &model->futures[i];

        if (!is_there(model, future))
            continue;
        printf("%s[%" PRIu32 ",", comma, future->number);
        print_text(future->state != NULL ? future->state : "EDO_START");
        printf("]");
        comma = ",";
    }
    printf("]");
}

/* The first event of these two kinds from the step on. */
static const struct edo_trace_event *next_of(const struct model *model, enum edo_trace_kind one,
                                             enum edo_trace_kind other)
{
    for (size_t i = model->step; i < model->count; i++) {
        const struct edo_trace_event *event = edo_trace_at(model->trace, i);

        if (event->kind == one || event->kind == other)
            return event;
    }
    return NULL;
}

/* The trace may begin in a poll, or in a sleep. What ends next has begun. */
static uint32_t polled_now(const struct model *model)
{
    const struct edo_trace_event *next = next_of(model, EDO_TRACE_POLL_BEGIN, EDO_TRACE_POLL_END);

    return next != NULL && next->kind == EDO_TRACE_POLL_END ? next->task : model->polled;
}

static bool is_asleep_now(const struct model *model)
{
    const struct edo_trace_event *next = next_of(model, EDO_TRACE_ENTER, EDO_TRACE_LEAVE);

    return (next != NULL && next->kind == EDO_TRACE_LEAVE) || model->is_asleep;
}

static void print_step(const struct model *model, void *room)
{
    printf("{\"step\":%zu,\"t\":", model->step);
    print_time(model, model_time(model, model->step > 0 ? model->step - 1 : 0));
    printf(",\"polled\":%" PRIu32 ",\"isAsleep\":%s", polled_now(model),
           is_asleep_now(model) ? "true" : "false");
    print_tasks(model, "unknown", MODEL_UNKNOWN, room);
    print_tasks(model, "ready", MODEL_READY, room);
    print_tasks(model, "waiting", MODEL_WAITING, room);
    print_tasks(model, "ended", MODEL_ENDED, room);
    print_sources(model, "due", true, room);
    print_sources(model, "armed", false, room);
    print_futures(model);
    printf("}\n");
}

int main(int argc, char **argv)
{
    struct edo_trace trace;
    struct model model;
    size_t every = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    void **room;

    if (argc < 2 || every == 0)
        read_trace_complain("model_steps FILE [EVERY]");
    read_trace(&trace, argv[1]);
    if (!model_open(&model, &trace))
        read_trace_complain(model.refusal);
    room = malloc(((size_t)model.task_count + model.source_count + 1) * sizeof *room);
    if (room == NULL)
        read_trace_complain("no memory");
    print_whole(&model);
    for (size_t step = 0; step <= model.count; step++)
        if (step % every == 0 || step == model.count) {
            model_seek(&model, step);
            print_step(&model, room);
        }
    free(room);
    model_close(&model);
    return ferror(stdout) != 0;
}
