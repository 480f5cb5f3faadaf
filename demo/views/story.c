/* SPDX-License-Identifier: MIT */
#include "story.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "errno_name.h"
#include "room.h"
#include "text.h"

/* In a sentence: here a clause begins. No name has it, since text_put shows what it can't print. */
#define CLAUSE '\x1e'

enum {
    VERSION = 1, /* of STORY_OF_RUN */
    NAME_COLUMNS = 40,
    BLAMED_FROM_NS = 1000 * 1000, /* who is that late is told whose fault it was */
    LONG_POLL_NS = 10 * 1000 * 1000,
    WATCHED_FROM_NS = 10 * 1000, /* who looks twice in a row has not watched the clock */
};

struct story {
    const struct model *model;
    size_t from, to; /* steps */
    enum story_form form;
    FILE *file;

    /* The sentence that is being told. A line break is where it may be broken. */
    FILE *sentence;
    char *text; /* of it, once it is flushed */
    size_t text_size;
    bool is_open;
    bool is_part;       /* of a sentence whose beginning is printed already */
    bool has_source;    /* it tells what came due, or was disarmed */
    bool has_armed;     /* it ends with what was armed */
    uint32_t actor;     /* the task that it is about, 0: the program */
    size_t first, last; /* the steps that it is about */
    uint32_t future;    /* whose state it told last, 0: it told something else */

    uint32_t polled;                 /* the task of the last poll, 0: that is past, */
    size_t polled_at;                /* which began at this step, */
    bool is_untold;                  /* of which nothing is told yet, */
    size_t untold_since;             /* since this step */
    const struct model_source *late; /* and the timer that woke it, NULL for none */
    size_t *woken; /* of each task: the first step at which a source has woken it since its last
                      poll, plus one; 0: none has */
};

static const struct edo_trace_event *event_at(const struct story *story, size_t step)
{
    return edo_trace_at(story->model->trace, step);
}

static double ms_of(uint64_t ns)
{
    return (double)ns / 1e6;
}

/* --- A sentence ------------------------------------------------------------------------------- */

/* A name is the program's, so it may hold anything, and be of any length. */
static void put_text(const struct story *story, const char *text, unsigned columns)
{
    const char *end = text_cut(text, &columns, true);

    while (text < end)
        text_put(text_next_shown(&text), story->sentence);
    if (*end != '\0')
        fputs("…", story->sentence);
}

static void put(const struct story *story, const char *name)
{
    put_text(story, name, NAME_COLUMNS);
}

static void put_task(const struct story *story, uint32_t id)
{
    put(story, model_task_name(story->model, id));
}

static unsigned width_of(const char *text)
{
    unsigned most = 1U << 20, left = most;

    text_cut(text, &left, true);
    return most - left;
}

static void print_seq(const struct story *story)
{
    uint64_t dropped = edo_trace_dropped(story->model->trace);

    fprintf(story->file, "%" PRIu64, dropped + story->first);
    if (story->last > story->first)
        fprintf(story->file, "-%" PRIu64, dropped + story->last);
}

/* What follows is about that step. */
static void mark_clause(const struct story *story, size_t step)
{
    if (story->form == STORY_OF_PAGE)
        fprintf(story->sentence, "%c%" PRIu64 "\t", CLAUSE,
                edo_trace_dropped(story->model->trace) + step);
}

static void print_margin(const struct story *story)
{
    switch (story->form) {
    case STORY_OF_PAGE:
        print_seq(story);
        break;
    case STORY_OF_RUN:
        print_seq(story);
        if (story->is_part)
            fputs("\t            ", story->file);
        else
            fprintf(story->file, "\t%5.1f ms  ",
                    ms_of(model_time(story->model, story->first) - model_time(story->model, 0)));
        break;
    case STORY_OF_TURN:
        fputs("  ", story->file);
        break;
    }
}

static void print_lines(const struct story *story)
{
    static const char *const margins[] = {
        [STORY_OF_RUN] = "\n\t            ", [STORY_OF_TURN] = "\n    "};
    static const unsigned widths[] = {[STORY_OF_RUN] = 62, [STORY_OF_TURN] = 78};
    unsigned column = 0;
    char *rest = NULL;

    for (const char *part = strtok_r(story->text, "\n", &rest); part != NULL;
         part = strtok_r(NULL, "\n", &rest)) {
        unsigned width = width_of(part);

        if (column > 0 && column + 1 + width > widths[story->form]) {
            fputs(margins[story->form], story->file);
            column = 2;
        } else if (column > 0) {
            fputc(' ', story->file);
            column++;
        }
        fputs(part, story->file);
        column += width;
    }
    fputc('\n', story->file);
}

/* A line for each clause. */
static void print_clauses(const struct story *story)
{
    for (const char *at = story->text; *at != '\0'; at++)
        if (*at == CLAUSE)
            fputc('\n', story->file);
        else
            fputc(*at == '\n' ? ' ' : *at, story->file);
    fputc('\n', story->file);
}

static void begin_part(struct story *story, size_t step)
{
    fseek(story->sentence, 0, SEEK_SET);
    story->has_source = story->has_armed = false;
    story->first = story->last = step;
}

static void end_part(const struct story *story)
{
    fputc('\0', story->sentence);
    fflush(story->sentence);
    print_margin(story);
    if (story->form == STORY_OF_PAGE)
        print_clauses(story);
    else
        print_lines(story);
}

static void begin_sentence(struct story *story, size_t step, uint32_t actor)
{
    story->is_open = true;
    story->is_part = false;
    story->actor = actor;
    story->future = 0;
    begin_part(story, step);
    mark_clause(story, step);
}

static void end_sentence(struct story *story)
{
    if (!story->is_open)
        return;
    story->is_open = false;
    end_part(story);
}

/* What comes next is known at another time to those who saw the system calls. */
static void break_sentence(struct story *story, size_t step)
{
    if (story->form != STORY_OF_RUN) {
        fputc('\n', story->sentence);
        return;
    }
    end_part(story);
    story->is_part = true;
    begin_part(story, step);
}

/* How long the poll took that began at a step; 0 if it is not over. */
static uint64_t duration_of_poll(const struct story *story, size_t begin)
{
    for (size_t i = begin; i < story->to; i++)
        if (event_at(story, i)->kind == EDO_TRACE_POLL_END)
            return event_at(story, i)->t_ns - event_at(story, begin)->t_ns;
    return 0;
}

static void put_polled(struct story *story)
{
    uint64_t took_ns = duration_of_poll(story, story->polled_at);
    uint64_t later_ns = story->late != NULL ? model_time(story->model, story->polled_at) -
                                                  model_time(story->model, story->late->fired)
                                            : 0;
    bool is_late = later_ns >= BLAMED_FROM_NS;

    fputs("polled", story->sentence);
    if (is_late) {
        struct model_source others = *story->late;
        char blame[128];

        others.late.held_ns = others.late.not_run_ns = 0;
        model_blame(story->model, &others, blame, sizeof blame);
        fprintf(story->sentence, " %.1f ms later (", ms_of(later_ns));
        put_text(story, blame, sizeof blame);
        fputc(')', story->sentence);
    }
    if (took_ns >= LONG_POLL_NS)
        fprintf(story->sentence, " for %.1f ms", ms_of(took_ns));
    fputs(is_late || took_ns >= LONG_POLL_NS ? ":\n" : ": ", story->sentence);
    story->is_untold = false;
}

static void put_head(struct story *story, uint32_t actor)
{
    if (actor == 0) {
        fputs("the program ", story->sentence);
        return;
    }
    put_task(story, actor);
    if (actor == story->polled && story->is_untold) {
        fputc(' ', story->sentence);
        put_polled(story);
    } else if (actor == story->polled) {
        fputs(" goes on: ", story->sentence);
    } else {
        const struct model_task *task = model_task(story->model, actor);
        bool is_cancelled =
            task != NULL && task->outcome != NULL && strcmp(task->outcome, "EDO_CANCELLED") == 0;

        fputs(is_cancelled ? " cancelled: " : ": ", story->sentence);
    }
}

/* How a clause is joined to the one before it. */
enum joint { NEXT, ANOTHER, THEREFORE };

static void put_joint(struct story *story, size_t step, enum joint joint)
{
    bool is_polled = joint == THEREFORE && story->is_untold;

    static const char *const ends[] = {[NEXT] = ";", [ANOTHER] = ",", [THEREFORE] = ""};

    fputs(ends[joint], story->sentence);
    if (story->has_armed)
        break_sentence(story, step);
    else
        fputc('\n', story->sentence);
    mark_clause(story, is_polled ? story->polled_at : step);
    if (joint == THEREFORE)
        fputs("-> ", story->sentence);
}

/* What `actor` does next goes into the sentence about it, or begins a new one. */
static void begin_clause(struct story *story, size_t step, uint32_t actor, enum joint joint)
{
    if (story->actor != actor)
        end_sentence(story);
    if (!story->is_open) {
        bool is_first = actor == story->polled && story->is_untold;

        begin_sentence(story, is_first ? story->untold_since : step, actor);
        put_head(story, actor);
        mark_clause(story, step);
    } else if (actor == story->polled && story->is_untold) {
        put_joint(story, step, THEREFORE);
        put_polled(story);
        mark_clause(story, step);
    } else {
        put_joint(story, step, joint);
    }
    story->last = step;
    story->future = 0;
}

/* A clause about a timer or an fd, which those who saw the system calls know too. */
static void begin_source_clause(struct story *story, size_t step)
{
    story->has_armed = story->has_armed || story->has_source;
    begin_clause(story, step, event_at(story, step)->task, NEXT);
    story->has_source = true;
}

/* --- What came due ---------------------------------------------------------------------------- */

/* An fd's. The trace has 0 for its deadline, but also for that of a timer that was due at 0. */
static bool is_watch(const struct model_source *source)
{
    return !source->is_timer && source->fd >= 0;
}

static bool is_lost(const struct story *story, const struct model_source *source)
{
    const struct edo_trace_event *before;

    if (source->fired == MODEL_NEVER || source->fired == 0)
        return false;
    before = event_at(story, source->fired - 1);
    return before->kind == EDO_TRACE_LOST && before->other == source->id;
}

static void put_lateness(const struct story *story, const struct model_source *timer)
{
    uint64_t late_ns = model_time(story->model, timer->fired) - timer->deadline_ns;
    struct model_source own = *timer;
    char blame[128];

    fprintf(story->sentence, ", %.1f ms late", ms_of(late_ns));
    if (late_ns < BLAMED_FROM_NS || timer->polled == MODEL_NEVER)
        return;
    if (own.late.not_run_ns + own.late.held_ns >= BLAMED_FROM_NS)
        own.late.others_ns = 0;
    else
        own.late.not_run_ns = own.late.held_ns = 0;
    model_blame(story->model, &own, blame, sizeof blame);
    fputs(":\n", story->sentence);
    put_text(story, blame, sizeof blame);
}

/* What comes of its fd comes from outside, or a task has closed it. */
static bool is_closed_by_tasks(const char *cause)
{
    return strcmp(cause, "peer") == 0 || strcmp(cause, "signal") == 0 ||
           strcmp(cause, "child") == 0;
}

/* "a peer makes fd 9 ready, id 10" */
static void put_ready(const struct story *story, const struct model_source *source)
{
    static const struct {
        const char *cause, *words;
    } makers[] = {{"peer", "a peer"},
                  {"signal", "a signal"},
                  {"child", "a child's end"},
                  {"thread", "another thread"}};
    const char *cause = source->woken != MODEL_NEVER ? event_at(story, source->woken)->from : "fd";
    uint32_t closer = source->fired != MODEL_NEVER ? event_at(story, source->fired)->task : 0;

    if (closer != 0 && is_closed_by_tasks(cause)) {
        put_task(story, closer);
        fprintf(story->sentence, " closes fd %d, id %" PRIu32, source->fd, source->id);
        return;
    }
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        if (strcmp(cause, makers[i].cause) != 0)
            continue;
        fprintf(story->sentence, "%s makes fd %d ready, id %" PRIu32, makers[i].words, source->fd,
                source->id);
        return;
    }
    fprintf(story->sentence, "fd %d is ready, id %" PRIu32, source->fd, source->id);
}

static void put_came_due(const struct story *story, uint32_t id)
{
    const struct model_source *source = model_source(story->model, id);

    if (source != NULL && is_lost(story, source)) {
        fprintf(story->sentence, "id %" PRIu32 " ends: its fd %d was closed", id, source->fd);
    } else if (source != NULL && is_watch(source)) {
        put_ready(story, source);
    } else {
        fprintf(story->sentence, "id %" PRIu32 " came due", id);
        if (source == NULL || source->fired == MODEL_NEVER)
            return;
        if (model_time(story->model, source->fired) >= source->deadline_ns)
            put_lateness(story, source);
        else
            fputs(" early, by an error of its timer", story->sentence);
    }
}

/* A source has woken the task: the sentence begins with that. */
static void put_source(struct story *story, size_t wake)
{
    const struct edo_trace_event *event = event_at(story, wake);
    const struct model_source *source = model_source(story->model, (uint32_t)event->arg);

    bool is_known = source != NULL && source->fired < wake && source->fired >= story->from;
    size_t since = is_known ? source->fired : wake;

    if (story->is_open) {
        fputs(" and\n", story->sentence);
        mark_clause(story, since);
    } else {
        begin_sentence(story, since, event->task);
    }
    put_came_due(story, (uint32_t)event->arg);
    story->has_source = true;
    story->last = wake;
    if (source != NULL && source->is_timer &&
        (story->late == NULL || source->late.total_ns > story->late->late.total_ns))
        story->late = source;
}

static void put_wakes(struct story *story, size_t wake, uint32_t task)
{
    fputc('\n', story->sentence);
    mark_clause(story, wake);
    fputs("-> wakes ", story->sentence);
    put_task(story, task);
}

/* A place for each task that the trace knows, and one for all others. */
static size_t *woken_of(const struct story *story, uint32_t task)
{
    uint32_t at = task - story->model->first_task, count = story->model->task_count;

    return &story->woken[at < count ? at : count];
}

/* For when the task is polled: what has woken it first. */
static void note_wake(const struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);

    if (event->kind == EDO_TRACE_POLL_END || event->kind == EDO_TRACE_SPAWN)
        *woken_of(story, event->task) = 0;
    else if (event->kind == EDO_TRACE_WAKE && model_is_by_source(event) &&
             *woken_of(story, event->task) == 0)
        *woken_of(story, event->task) = step + 1;
}

static void tell_poll_begin(struct story *story, size_t step)
{
    uint32_t task = event_at(story, step)->task;
    size_t woken = *woken_of(story, task);

    end_sentence(story);
    story->polled = task;
    story->polled_at = step;
    story->is_untold = true;
    story->untold_since = step;
    story->late = NULL;
    for (size_t i = woken > 0 ? woken - 1 : step; i < step; i++) {
        const struct edo_trace_event *event = event_at(story, i);

        if (event->kind == EDO_TRACE_WAKE && event->task == task && model_is_by_source(event))
            put_source(story, i);
    }
    if (story->is_open)
        put_wakes(story, woken - 1, task);
}

static bool will_be_polled(const struct story *story, uint32_t task, size_t after)
{
    for (size_t i = after; i < story->to; i++)
        if (event_at(story, i)->kind == EDO_TRACE_POLL_BEGIN && event_at(story, i)->task == task)
            return true;
    return false;
}

/* What woke a task is mostly told when that is polled. Nothing that comes due in a poll is told
 * there: it was due already when it was armed. */
static void tell_fire(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);
    const struct model_source *source = model_source(story->model, event->other);

    if (event->task != 0 || source == NULL || source->woken != MODEL_NEVER)
        return;
    end_sentence(story);
    begin_sentence(story, step, 0);
    put_came_due(story, event->other);
    fputs("\n-> wakes no task", story->sentence);
    end_sentence(story);
}

static void tell_wake(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);

    if (model_is_by_source(event)) {
        if (will_be_polled(story, event->task, step))
            return;
        end_sentence(story);
        put_source(story, step);
        put_wakes(story, step, event->task);
        end_sentence(story);
        return;
    }
    begin_clause(story, step, event->other, THEREFORE);
    fputs("wakes ", story->sentence);
    if (event->task == event->other)
        fputs("itself", story->sentence);
    else
        put_task(story, event->task);
    if (event->to != NULL)
        fputs(" again", story->sentence);
    if (strcmp(event->from, "task") != 0)
        fprintf(story->sentence, " (%s)", event->from);
}

/* --- What a poll does ------------------------------------------------------------------------- */

static bool is_root(const struct model_future *future)
{
    return future->parent == 0 && future->name == future->type;
}

/* A sleep: who has a timer, and awaits nobody. */
static bool is_told_by_its_source(const struct model_future *future)
{
    return future->has_timer && !future->has_child && future->parent != 0 &&
           future->name == future->type;
}

static void tell_state(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);
    const struct model_future *future = model_future(story->model, event->other);
    bool is_again = strcmp(event->from, event->to) == 0; /* round a loop, to the same await */

    if (future == NULL || (is_told_by_its_source(future) && strcmp(event->to, "EDO_FAILED") != 0))
        return;
    if (!story->is_open || story->future != event->other || story->actor != event->task) {
        begin_clause(story, step, event->task, NEXT);
        if (!is_root(future)) {
            put(story, future->name);
            fputc(' ', story->sentence);
        }
        put(story, event->from);
    } else if (!is_again) {
        mark_clause(story, step);
    }
    if (is_again) {
        fputs(" again", story->sentence);
    } else {
        fputs(" -> ", story->sentence);
        put(story, event->to);
    }
    story->last = step;
    story->future = event->other;
}

/* For how long a timer was armed. Its deadline less the time of the event is a little too short,
 * less that of the event before it perhaps too long. Of what lies between, the roundest. */
static double duration_ms(const struct story *story, size_t step)
{
    static const uint64_t units_ns[] = {EDO_MS(1000), EDO_MS(500), EDO_MS(100), EDO_MS(50),
                                        EDO_MS(10),   EDO_MS(5),   EDO_MS(1),   EDO_US(100)};
    const struct edo_trace_event *event = event_at(story, step);
    uint64_t before_ns = step > 0 ? event_at(story, step - 1)->t_ns : event->t_ns;
    uint64_t least_ns = event->arg - event->t_ns, most_ns = event->arg - before_ns;

    for (size_t i = 0; i < sizeof units_ns / sizeof units_ns[0]; i++) {
        uint64_t round_ns = (least_ns + units_ns[i] - 1) / units_ns[i] * units_ns[i];

        if (round_ns <= most_ns)
            return ms_of(round_ns);
    }
    return ms_of(least_ns);
}

/* In four digits, or as many as it has before the point. */
static void put_duration(const struct story *story, double ms)
{
    fprintf(story->sentence, ms < 10000 ? " for %.4g ms" : " for %.0f ms", ms);
}

static void tell_arm(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);

    begin_source_clause(story, step);
    story->has_armed = true;
    if (event->arg == 0 && event->fd >= 0) {
        fprintf(story->sentence, "watches fd %d as id %" PRIu32, event->fd, event->other);
        return;
    }
    fprintf(story->sentence, "arms id %" PRIu32, event->other);
    if (event->arg == EDO_NEVER)
        fputs(", never due", story->sentence);
    else if (event->arg <= event->t_ns)
        fputs(", due already", story->sentence);
    else
        put_duration(story, duration_ms(story, step));
}

static void tell_disarm(struct story *story, size_t step)
{
    begin_source_clause(story, step);
    fprintf(story->sentence, "disarms id %" PRIu32, event_at(story, step)->other);
}

static void tell_spawn(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);
    bool is_another = story->is_open && story->actor == event->other && step > story->from &&
                      event_at(story, step - 1)->kind == EDO_TRACE_SPAWN;

    begin_clause(story, step, event->other, is_another ? ANOTHER : NEXT);
    if (!is_another)
        fputs("spawns ", story->sentence);
    put_task(story, event->task);
}

static void tell_cancel(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);

    begin_clause(story, step, event->other, THEREFORE);
    fputs("cancels ", story->sentence);
    put_task(story, event->task);
    if (event->task == story->polled)
        story->polled = 0;
}

/* The latest state of a task's own future, NULL if not known. */
static const char *state_of(const struct story *story, uint32_t task, size_t before)
{
    while (before-- > 0) {
        const struct edo_trace_event *event = event_at(story, before);
        const struct model_future *future;

        if (event->kind != EDO_TRACE_STATE || event->task != task)
            continue;
        future = model_future(story->model, event->other);
        if (future != NULL && future->parent == 0)
            return event->to;
    }
    return NULL;
}

static void tell_poll_end(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);
    const char *state = state_of(story, event->task, step);

    if (story->is_untold) {
        begin_clause(story, step, event->task, NEXT);
        fputs("still ", story->sentence);
        put(story, state != NULL ? state : "PENDING");
    }
    if (story->is_open && story->actor == event->task)
        story->last = step;
}

/* That it ended was told as a state of its future. */
static void tell_done(struct story *story, size_t step)
{
    const struct edo_trace_event *event = event_at(story, step);

    if (!story->is_open || story->actor != event->task)
        return;
    if (strcmp(event->to, "EDO_FAILED") == 0)
        fprintf(story->sentence, " (%s)", errno_name((int)event->arg));
    story->last = step;
}

/* --- What the thread does --------------------------------------------------------------------- */

static bool is_armed_at(const struct model_source *source, size_t step)
{
    return source->id != 0 && source->armed < step && source->fired > step &&
           source->disarmed > step;
}

static void tell_enter(struct story *story, size_t step)
{
    const struct model *model = story->model;
    const struct model_source *next = NULL;
    unsigned fds = 0;

    for (uint32_t i = 0; i < model->source_count; i++) {
        const struct model_source *source = &model->sources[i];

        if (!is_armed_at(source, step))
            continue;
        fds += is_watch(source);
        if (!is_watch(source) && (next == NULL || source->deadline_ns < next->deadline_ns))
            next = source;
    }
    end_sentence(story);
    begin_sentence(story, step, 0);
    fputs("every task waits", story->sentence);
    if (next != NULL && next->deadline_ns != EDO_NEVER) {
        uint64_t now_ns = model_time(model, step);
        uint64_t left_ns = next->deadline_ns > now_ns ? next->deadline_ns - now_ns : 0;

        fprintf(story->sentence, "; id %" PRIu32 " is due first, in %.1f ms", next->id,
                ms_of(left_ns));
    }
    if (fds > 0)
        fprintf(story->sentence, ";\n%u fd%s watched", fds, fds > 1 ? "s are" : " is");
    end_sentence(story);
}

/* The deadline of what fires next had not come yet. */
static void tell_leave(struct story *story, size_t step)
{
    size_t until = model_watched_until(story->model, step);
    uint64_t watched_ns = 0;

    if (until != MODEL_NEVER)
        watched_ns = model_time(story->model, until) - model_time(story->model, step);
    if (watched_ns < WATCHED_FROM_NS)
        return;
    end_sentence(story);
    begin_sentence(story, step, 0);
    fprintf(story->sentence, "the thread is awake, and watches the clock for %.2f ms",
            ms_of(watched_ns));
    end_sentence(story);
}

static void tell_stuck(struct story *story, size_t step)
{
    const struct model *model = story->model;

    end_sentence(story);
    begin_sentence(story, step, 0);
    fputs("stuck: no task is ready,\nand nothing is armed that could wake one;", story->sentence);
    for (uint32_t i = 0; i < model->task_count; i++) {
        const struct model_task *task = &model->tasks[i];
        const char *state = state_of(story, task->id, step);

        if (task->name == NULL || !task->is_stuck || task->ended < step)
            continue;
        fputc('\n', story->sentence);
        put(story, task->name);
        fputs(" waits at ", story->sentence);
        put(story, state != NULL ? state : "its await");
        fputc(',', story->sentence);
    }
    fputs("\nfor ever", story->sentence);
    end_sentence(story);
}

static void tell_phase(struct story *story, size_t step)
{
    story->untold_since = step + 1;
    end_sentence(story);
    begin_sentence(story, step, 0);
    fputs("phase: ", story->sentence);
    put(story, event_at(story, step)->name);
    end_sentence(story);
}

static void tell_event(struct story *story, size_t step)
{
    switch (event_at(story, step)->kind) {
    case EDO_TRACE_SPAWN:
        tell_spawn(story, step);
        break;
    case EDO_TRACE_STATE:
        tell_state(story, step);
        break;
    case EDO_TRACE_ARM:
        tell_arm(story, step);
        break;
    case EDO_TRACE_DISARM:
        tell_disarm(story, step);
        break;
    case EDO_TRACE_FIRE:
        tell_fire(story, step);
        break;
    case EDO_TRACE_WAKE:
        tell_wake(story, step);
        break;
    case EDO_TRACE_POLL_BEGIN:
        tell_poll_begin(story, step);
        break;
    case EDO_TRACE_POLL_END:
        tell_poll_end(story, step);
        break;
    case EDO_TRACE_DONE:
        tell_done(story, step);
        break;
    case EDO_TRACE_CANCEL:
        tell_cancel(story, step);
        break;
    case EDO_TRACE_ENTER:
        tell_enter(story, step);
        break;
    case EDO_TRACE_LEAVE:
        tell_leave(story, step);
        break;
    case EDO_TRACE_STUCK:
        tell_stuck(story, step);
        break;
    case EDO_TRACE_PHASE:
        tell_phase(story, step);
        break;
    case EDO_TRACE_NAME:
    case EDO_TRACE_LOST:
        break;
    }
}

void story_tell(const struct model *model, size_t from, size_t to, enum story_form form, FILE *file)
{
    struct story story = {.model = model, .from = from, .to = to, .form = form, .file = file};

    story.woken = room_take((size_t)model->task_count + 1, sizeof *story.woken);
    story.sentence = open_memstream(&story.text, &story.text_size);
    for (size_t i = from; story.woken != NULL && story.sentence != NULL && i < to; i++) {
        note_wake(&story, i);
        tell_event(&story, i);
    }
    if (story.sentence != NULL) {
        end_sentence(&story);
        fclose(story.sentence);
    }
    free(story.text);
    room_give(story.woken);
}

void story_write_page(const struct edo_trace *trace, FILE *file)
{
    struct model model;

    if (!model_open(&model, trace))
        return;
    story_tell(&model, 0, model.count, STORY_OF_PAGE, file);
    model_close(&model);
}

void story_write(const struct edo_trace *trace, FILE *file)
{
    struct model model;

    fprintf(file, "# edo story %d, pid %ld, %" PRIu64 " events dropped\n", VERSION, (long)getpid(),
            edo_trace_dropped(trace));
    if (!model_open(&model, trace)) {
        fprintf(file, "# it can't be told: %s\n", model.refusal);
        return;
    }
    story_tell(&model, 0, model.count, STORY_OF_RUN, file);
    model_close(&model);
}
