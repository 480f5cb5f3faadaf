/* SPDX-License-Identifier: MIT */
/* model_steps.c - what the C model says of a run, step by step, for the tests of the player:
 *
 *   build/browser/model_steps FILE [EVERY]
 *
 * reads a trace as --trace writes it, and prints a line of JSON about the whole, and then one for
 * each step, or for one in EVERY and the last. Texts are as the pictures have them. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"
#include "views/model.h"
#include "views/text.h"

enum { KINDS = EDO_TRACE_LOST + 1, COLUMNS = 10 };

static void complain(const char *what)
{
    fprintf(stderr, "model_steps: %s\n", what);
    exit(1);
}

/* --- The trace -------------------------------------------------------------------------------- */

/* In place: "-" is no text, \xNN a byte. */
static char *unescape(char *field)
{
    char *from = field, *to = field;
    unsigned code;

    if (strcmp(field, "-") == 0)
        return NULL;
    while (*from != '\0')
        if (sscanf(from, "\\x%2x", &code) == 1) {
            *to++ = (char)code;
            from += 4;
        } else {
            *to++ = *from++;
        }
    *to = '\0';
    return field;
}

static enum edo_trace_kind kind_named(const char *name)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (strcmp(edo_trace_kind_name((enum edo_trace_kind)kind), name) == 0)
            return (enum edo_trace_kind)kind;
    complain("an event of no known kind");
    return EDO_TRACE_LOST;
}

/* The event's texts stay in the line. */
static struct edo_trace_event parse(char *line)
{
    char *fields[COLUMNS];

    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        fields[i] = strsep(&line, "\t");
        if (fields[i] == NULL)
            complain("a line that is no event");
    }
    return (struct edo_trace_event){
        .t_ns = strtoull(fields[1], NULL, 10),
        .kind = kind_named(fields[2]),
        .task = (uint32_t)strtoul(fields[3], NULL, 10),
        .other = (uint32_t)strtoul(fields[4], NULL, 10),
        .from = unescape(fields[5]),
        .to = unescape(fields[6]),
        .fd = atoi(fields[7]),
        .arg = strtoull(fields[8], NULL, 10),
        .name = unescape(fields[9]),
    };
}

/* Nothing of it is freed: the program ends with it. */
static void read_trace(struct edo_trace *trace, const char *path)
{
    FILE *file = fopen(path, "r");
    struct edo_trace_event *events = NULL, *more;
    size_t count = 0, room = 0, size = 0;
    char *line = NULL;

    if (file == NULL)
        complain(strerror(errno));
    while (getline(&line, &size, file) >= 0) {
        if (line[0] == '#' || strncmp(line, "seq\t", 4) == 0)
            continue;
        if (count == room) {
            room = 2 * room + 64;
            more = realloc(events, room * sizeof *events);
            if (more == NULL)
                complain("no memory");
            events = more;
        }
        events[count++] = parse(line);
        line = NULL;
        size = 0;
    }
    if (count == 0)
        complain("no event");
    fclose(file);
    edo_trace_init(trace, events, count);
    trace->recorded = count;
}

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

static int compare_since(const void *one, const void *other)
{
    const struct model_task *a = *(const struct model_task *const *)one;
    const struct model_task *b = *(const struct model_task *const *)other;

    return a->since < b->since ? -1 : a->since > b->since;
}

/* The first to come into the state first. `room` is for all tasks. */
static void print_tasks(const struct model *model, const char *what, enum model_state state,
                        const struct model_task **room)
{
    size_t count = 0;

    for (uint32_t i = 0; i < model->task_count; i++)
        if (model->tasks[i].name != NULL && model->tasks[i].state == state)
            room[count++] = &model->tasks[i];
    if (count > 0)
        qsort(room, count, sizeof(struct model_task *), compare_since);
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

/* [id, fd, deadline, the task that armed it, whether it is a timer]; -1 for what is not known. */
static void print_source(const struct model *model, const struct model_source *source)
{
    bool is_known = source->armed != MODEL_NEVER;

    printf("[%" PRIu32 ",%d,", source->id, is_known ? source->fd : -1);
    if (source->is_timer)
        print_time(model, source->deadline_ns);
    else
        printf("0");
    printf(",%" PRId64 ",%s]",
           is_known ? (int64_t)edo_trace_at(model->trace, source->armed)->task : -1,
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

/* Whether a task is still made of it: a task's own future is until the task has ended, too. */
static bool is_there(const struct model *model, const struct model_future *future)
{
    const struct model_task *task = model_task(model, future->task);

    if (future->type == NULL || future->began >= model->step)
        return false;
    return future->ended >= model->step ||
           (future->parent == 0 && task != NULL && task->state != MODEL_ENDED);
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

static void print_step(const struct model *model, void *room)
{
    printf("{\"step\":%zu,\"t\":", model->step);
    print_time(model, model_time(model, model->step > 0 ? model->step - 1 : 0));
    printf(",\"polled\":%" PRIu32 ",\"isAsleep\":%s", model->polled,
           model->is_asleep ? "true" : "false");
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
        complain("model_steps FILE [EVERY]");
    read_trace(&trace, argv[1]);
    if (!model_open(&model, &trace))
        complain("no memory");
    room = malloc(((size_t)model.task_count + model.source_count + 1) * sizeof *room);
    if (room == NULL)
        complain("no memory");
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
