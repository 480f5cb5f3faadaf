#include "step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "edo.h"
#include "interrupt.h"
#include "say.h"

static double ms_of(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_ready(const struct edo_executor *executor)
{
    const struct edo_list *ready = &executor->queues.ready;
    const char *before = " ";

    printf("  ready:");
    for (const struct edo_list *link = ready->next; link != ready; link = link->next) {
        printf("%s%s", before, edo_container_of(link, struct edo_task, link)->name);
        before = ", ";
    }
    puts(edo_list_is_empty(ready) ? " nobody" : "");
}

/* The sources in the order of their ids, which is that of their arming. */
static const struct edo_source *next_watched(const struct edo_reactor *reactor, uint32_t after)
{
    const struct edo_source *next = NULL;

    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++) {
        const struct edo_list *bucket = &reactor->registered[i];

        for (const struct edo_list *link = bucket->next; link != bucket; link = link->next) {
            const struct edo_source *source = edo_container_of(link, struct edo_source, link);

            if (source->id > after && (next == NULL || source->id < next->id))
                next = source;
        }
    }
    return next;
}

static const struct edo_source *earliest_watched(const struct edo_reactor *reactor)
{
    const struct edo_source *source = next_watched(reactor, 0);
    const struct edo_source *earliest = source;

    for (; source != NULL; source = next_watched(reactor, source->id))
        if (edo_source_is_before(source, earliest))
            earliest = source;
    return earliest;
}

static void print_watched(const struct edo_reactor *reactor, uint64_t began_ns)
{
    const struct edo_source *source = next_watched(reactor, 0);
    const struct edo_source *next = earliest_watched(reactor);

    if (source == NULL)
        puts("  watched: nothing");
    for (const char *label = "watched:"; source != NULL; label = "") {
        printf("  %-8s id %" PRIu32 " on fd %d, due at %.1f ms%s\n", label, source->id, source->fd,
               ms_of(source->due_ns - began_ns), source == next ? ", the next" : "");
        source = next_watched(reactor, source->id);
    }
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
    print_watched(&executor->reactor, edo_clock_now(&executor->reactor.clock) - elapsed_ns);
    return ask();
}

int step_block_on(struct edo_executor *executor, struct edo_task *task)
{
    int error = edo_executor_spawn(executor, task);

    for (unsigned turn = 1; !error && edo_task_is_live(task); turn++) {
        switch (show_and_ask(executor, turn)) {
        case GO_ON:
            error = edo_executor_turn(executor);
            break;
        case RUN_TO_THE_END:
            return edo_executor_block_on(executor, task);
        case QUIT:
            edo_task_cancel(task);
            return -ECANCELED;
        }
    }
    return error;
}
