/* SPDX-License-Identifier: MIT */
#include "step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "edo.h"
#include "interrupt.h"
#include "model.h"
#include "say.h"
#include "story.h"
#include "text.h"

static double ms_of(uint64_t ns)
{
    return (double)ns / 1e6;
}

/* A name may be anything. */
static void print_name(const char *name)
{
    while (*name != '\0')
        text_put(text_next_shown(&name), stdout);
}

static void print_ready(const struct edo_executor *executor)
{
    const struct edo_task *task = NULL;
    const char *before = " ";

    printf("  ready:  ");
    while ((task = edo_executor_next_task(executor, task)) != NULL) {
        if (task->state == EDO_TASK_WAITING)
            continue;
        fputs(before, stdout);
        print_name(task->name);
        before = ", ";
    }
    puts(*before == ' ' ? " nobody" : "");
}

/* Of the sources looked at so far: the one that was armed next after `after`, by their ids, and the
 * one that is due first. */
struct search {
    uint32_t after;
    const struct edo_source *next;
    const struct edo_source *first_due;
};

static void search(const struct edo_source *source, void *data)
{
    struct search *search = data;

    if (source->id > search->after && (search->next == NULL || source->id < search->next->id))
        search->next = source;
    if (source->kind != EDO_SOURCE_TIMER)
        return;
    if (search->first_due == NULL || source->due_ns < search->first_due->due_ns ||
        (source->due_ns == search->first_due->due_ns && source->id < search->first_due->id))
        search->first_due = source;
}

static void print_armed_source(const struct edo_source *source, uint64_t began_ns)
{
    printf("id %" PRIu32, source->id);
    if (source->fd >= 0)
        printf(" on fd %d", source->fd);
    if (source->kind == EDO_SOURCE_TIMER)
        printf(", due at %.1f ms", ms_of(source->due_ns - began_ns));
    else if (source->kind == EDO_SOURCE_NEVER)
        fputs(", never due", stdout);
}

static void print_armed(const struct edo_reactor *reactor, uint64_t began_ns)
{
    struct search found = {0};
    const char *label = "armed:";

    edo_reactor_each_armed(reactor, search, &found);
    if (found.next == NULL)
        puts("  armed:   nothing");
    for (; found.next != NULL; label = "") {
        printf("  %-8s ", label);
        print_armed_source(found.next, began_ns);
        puts(found.next == found.first_due ? ", the next" : "");
        found.after = found.next->id;
        found.next = NULL;
        edo_reactor_each_armed(reactor, search, &found);
    }
}

static void print_waiting(const struct edo_executor *executor)
{
    const struct edo_task *task = NULL;
    const char *label = "waiting:";

    while ((task = edo_executor_next_task(executor, task)) != NULL) {
        if (task->state != EDO_TASK_WAITING)
            continue;
        printf("  %-8s ", label);
        print_name(task->name);
        printf(" at %s\n", edo_future_state_name(task->future));
        label = "";
    }
    if (*label != '\0')
        puts("  waiting: nobody");
}

enum answer { GO_ON, RUN_TO_THE_END, QUIT };

/* Without stdio, so that it can be interrupted. */
static int read_character(void)
{
    unsigned char character;
    ssize_t size;

    interrupt_at_prompt(true);
    do
        size = read(STDIN_FILENO, &character, 1);
    while (size < 0 && errno == EINTR);
    interrupt_at_prompt(false);
    return size == 1 ? character : EOF;
}

/* The first letter of a line, which is read to its end; or EOF. */
static int read_letter(void)
{
    int letter = read_character();

    for (int next = letter; next != '\n' && next != EOF;)
        next = read_character();
    return letter;
}

static enum answer ask(void)
{
    int letter;

    printf("  [Enter: one turn, c: to the end, q: quit] ");
    fflush(stdout);
    letter = read_letter();
    if (letter == EOF || !isatty(STDIN_FILENO))
        putchar('\n'); /* which on a terminal is the Enter that was typed */
    if (letter == 'q')
        return QUIT;
    return letter == 'c' || letter == EOF ? RUN_TO_THE_END : GO_ON;
}

static enum answer show_and_ask(const struct edo_executor *executor, unsigned turn)
{
    uint64_t elapsed_ns = say_elapsed_ns();

    printf("--- turn %u, at %.1f ms\n", turn, ms_of(elapsed_ns));
    print_ready(executor);
    print_armed(&executor->reactor, edo_clock_now(&executor->reactor.clock) - elapsed_ns);
    print_waiting(executor);
    return ask();
}

/* Whether a source woke somebody, or came due without that. */
static bool was_due(const struct edo_trace *trace, size_t from)
{
    for (size_t i = from; i < edo_trace_count(trace); i++) {
        const struct edo_trace_event *event = edo_trace_at(trace, i);

        if ((event->kind == EDO_TRACE_FIRE && event->task == 0) ||
            (event->kind == EDO_TRACE_WAKE && event->other == 0))
            return true;
    }
    return false;
}

/* The step at which the trace had so many events in all. */
static size_t step_of(const struct edo_trace *trace, uint64_t recorded)
{
    uint64_t dropped = edo_trace_dropped(trace);

    return recorded > dropped ? (size_t)(recorded - dropped) : 0;
}

static void tell(const struct edo_trace *trace, size_t from)
{
    struct model model;

    if (!model_open(&model, trace))
        return;
    story_tell(&model, from, model.count, STORY_OF_TURN, stdout);
    model_close(&model);
}

static void tell_turn(const struct edo_trace *trace, size_t from)
{
    if (!was_due(trace, from))
        puts("  nothing was due");
    tell(trace, from);
}

static bool is_over(const struct edo_executor *executor, const struct edo_task *task)
{
    return task != NULL ? !edo_task_is_live(task) : edo_executor_next_task(executor, NULL) == NULL;
}

static int run_to_the_end(struct edo_executor *executor, struct edo_task *task)
{
    return task != NULL ? edo_executor_block_on(executor, task) : edo_executor_run(executor);
}

/* Until `task` has ended, or with NULL until all have. */
static int step_until(struct edo_executor *executor, struct edo_task *task)
{
    const struct edo_trace *trace = executor->reactor.trace;
    int error = 0;

    for (unsigned turn = 1; !error && !is_over(executor, task); turn++) {
        uint64_t recorded = trace != NULL ? trace->recorded : 0;

        switch (show_and_ask(executor, turn)) {
        case GO_ON:
            error = edo_executor_turn(executor);
            break;
        case RUN_TO_THE_END:
            return run_to_the_end(executor, task);
        case QUIT:
            edo_executor_close(executor);
            if (trace != NULL)
                tell(trace, step_of(trace, recorded));
            say_heading("cancelled, and all is let go of");
            return -ECANCELED;
        }
        if (trace != NULL)
            tell_turn(trace, step_of(trace, recorded));
    }
    return error;
}

int step_block_on(struct edo_executor *executor, struct edo_task *task)
{
    int error = edo_executor_spawn(executor, task);

    return error ? error : step_until(executor, task);
}

int step_run(struct edo_executor *executor)
{
    return step_until(executor, NULL);
}
