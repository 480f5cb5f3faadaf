/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "edo.h"

enum {
    CANDIDATES = 64,       /* so many of the ready tasks are looked at, of however many */
    MOST_POLLS = 10000000, /* a run that takes more has no end */
    MOST_GIVEN = 1 << 20,
    EVENTS = 1 << 16,
    NOTES = 1 << 16
};

static _Thread_local bool is_on;
static unsigned faults_on;
static uint64_t random_state;
static uint64_t choices, polls;
static uint64_t most_choices = UINT64_MAX; /* EDO_CHOICES_MOST */
static unsigned *given;                    /* EDO_CHOICES */
static size_t given_count;
static int choices_fd = -1;

uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void complain_and_exit(const char *what, const char *path)
{
    fprintf(stderr, "schedule: %s %s\n", what, path);
    exit(2);
}

/* --- Choices ---------------------------------------------------------------------------------- */

/* Each line begins with its number, but for those of comment. */
static void read_given(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r");

    given = calloc(MOST_GIVEN, sizeof *given);
    if (file == NULL || given == NULL)
        complain_and_exit("cannot read", path);
    while (given_count < MOST_GIVEN && fgets(line, sizeof line, file) != NULL)
        if (line[0] != '#')
            given[given_count++] = (unsigned)strtoul(line, NULL, 10);
    fclose(file);
}

/* The comment says that there is a seam, should nothing have been chosen. */
static void open_choices(const char *path, uint64_t seed)
{
    if (choices_fd < 0)
        choices_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (choices_fd < 0 || ftruncate(choices_fd, 0) < 0)
        complain_and_exit("cannot write", path);
    lseek(choices_fd, 0, SEEK_SET);
    if (dprintf(choices_fd, "# seed %" PRIu64 "\n", seed) < 0)
        complain_and_exit("cannot write", path);
}

/* A line "CHOICE COUNT WHAT NAME". The name may be anything. */
static void note_choice(unsigned choice, unsigned count, const char *what, const char *name)
{
    char line[128];
    int length;

    if (choices_fd < 0)
        return;
    length = snprintf(line, sizeof line - 1, "%u %u %s %s", choice, count, what, name);
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    for (int i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
    line[length] = '\n';
    if (write(choices_fd, line, (size_t)length + 1) < 0)
        complain_and_exit("cannot write", "a choice");
}

/* `drawn` is what the seed says. */
static unsigned given_or(unsigned drawn, unsigned count)
{
    uint64_t at = choices++;

    if (at >= most_choices)
        complain_and_exit("no end after", "as many choices as EDO_CHOICES_MOST says");
    if (given == NULL)
        return drawn;
    if (at >= given_count)
        return 0;
    return given[at] < count ? given[at] : count - 1;
}

unsigned schedule_choose(const char *what, unsigned count)
{
    unsigned choice;

    if (!is_on || count < 2)
        return 0;
    choice = given_or((unsigned)(draw(&random_state) % count), count);
    note_choice(choice, count, what, "");
    return choice;
}

bool schedule_rarely(const char *what, unsigned n)
{
    unsigned choice;

    if (!is_on)
        return false;
    choice = given_or(draw(&random_state) % n == 0, 2);
    note_choice(choice, 2, what, "");
    return choice == 1;
}

void schedule_begin(uint64_t seed, unsigned faults)
{
    const char *from = getenv("EDO_CHOICES");
    const char *to = getenv("EDO_CHOICES_TO");
    const char *most = getenv("EDO_CHOICES_MOST");

    is_on = true;
    faults_on = faults;
    random_state = seed;
    choices = polls = 0;
    if (from != NULL && given == NULL)
        read_given(from);
    if (most != NULL)
        most_choices = strtoull(most, NULL, 10);
    if (to != NULL)
        open_choices(to, seed);
}

void schedule_end(void)
{
    is_on = false;
}

bool schedule_is_on(void)
{
    return is_on;
}

bool schedule_has(unsigned fault)
{
    return is_on && (faults_on & fault) != 0;
}

/* --- The order of ready tasks ----------------------------------------------------------------- */

/* How many tasks of `ready` are left in this turn, `first` among them: 1 also for one that the
 * reactor has woken, whose turn it is by its deadline. */
static unsigned count_candidates(const struct edo_executor *executor, const struct edo_list *first)
{
    const struct edo_list *at = first;
    unsigned count = 1;

    if (executor->ready.next != first || executor->last_of_turn == &executor->ready)
        return 1;
    for (; at != executor->last_of_turn && count < CANDIDATES; at = at->next)
        count++;
    return count;
}

/* Some live task, that of the poll perhaps too. */
static void wake_for_nothing(struct edo_executor *executor)
{
    struct edo_list *at = executor->live.next;
    unsigned count = 0;

    for (; at != &executor->live && count < CANDIDATES; at = at->next)
        count++;
    if (count == 0 || !schedule_rarely("wake", 16))
        return;
    at = executor->live.next;
    for (unsigned i = schedule_choose("task to wake", count); i > 0; i--)
        at = at->next;
    edo_wake(edo_task_waker(edo_container_of(at, struct edo_task, live)));
}

/* The names are the linker's (ld(1), --wrap). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void __real_edo_task_poll(struct edo_task *task);
void __wrap_edo_task_poll(struct edo_task *task);

/* The executor has chosen the first. Another one leaves its place in the queue as the first would
 * have; if that was the end of the turn, the end is now the one before it. */
void __wrap_edo_task_poll(struct edo_task *task)
{
    struct edo_executor *executor = task->executor;
    struct edo_list *link = &task->link;
    unsigned count;

    if (is_on && ++polls > MOST_POLLS) {
        fprintf(stderr, "schedule: no end after %d polls\n", MOST_POLLS);
        abort();
    }
    count = is_on ? count_candidates(executor, link) : 1;
    if (count > 1) {
        unsigned choice = given_or((unsigned)(draw(&random_state) % count), count);

        for (unsigned i = 0; i < choice; i++)
            link = link->next;
        task = edo_container_of(link, struct edo_task, link);
        note_choice(choice, count, "poll", task->name);
        if (executor->last_of_turn == link)
            executor->last_of_turn = link->prev;
    }
    __real_edo_task_poll(task);
    if (schedule_has(SCHEDULE_WAKES))
        wake_for_nothing(executor);
}

/* --- The trace -------------------------------------------------------------------------------- */

/* Of one reactor at a time; the next may follow one that could not be opened. */
static const struct edo_reactor *traced;
static bool is_traced_open;
static const struct edo_trace *trace; /* the program's own, or this */
static struct edo_trace own_trace;

/* Only where the program has the player. */
void player_write(const struct edo_trace *trace, FILE *file) __attribute__((weak));

/* Also from a signal handler: there is no later. */
/* NOLINTBEGIN(bugprone-signal-handler,cert-msc54-cpp,cert-sig30-c) */

static void write_file(const char *variable, void (*write_trace)(const struct edo_trace *, FILE *))
{
    const char *path = getenv(variable);
    FILE *file = path != NULL && write_trace != NULL ? fopen(path, "w") : NULL;

    if (file == NULL)
        return;
    write_trace(trace, file);
    fclose(file);
}

static void write_trace_of_run(void)
{
    if (traced == NULL)
        return;
    traced = NULL;
    write_file("EDO_TRACE_TO", edo_trace_write);
    write_file("EDO_PAGE_TO", player_write);
}

/* The program ends in any case; and soon, should what it dies of be in the way here. */
static void die(int number)
{
    signal(number, SIG_DFL);
    alarm(10);
    write_trace_of_run();
    raise(number);
}

/* NOLINTEND(bugprone-signal-handler,cert-msc54-cpp,cert-sig30-c) */

static void write_at_the_end(void)
{
    static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    static bool is_begun;

    if (is_begun)
        return;
    is_begun = true;
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        signal(deadly[i], die);
    atexit(write_trace_of_run);
}

static bool is_to_be_traced(void)
{
    return is_on && (traced == NULL || !is_traced_open) &&
           (getenv("EDO_TRACE_TO") != NULL || getenv("EDO_PAGE_TO") != NULL);
}

static struct edo_trace *new_trace(void)
{
    static struct edo_trace_event events[EVENTS];
    static struct edo_trace_note notes[NOTES];

    edo_trace_init(&own_trace, events, EVENTS);
    edo_trace_keep_notes(&own_trace, notes, NOTES);
    return &own_trace;
}

int __real_edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options);
int __wrap_edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options);
int __wrap_edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options)
{
    struct edo_reactor_options with_trace = {.trace = NULL};
    int error;

    if (!is_to_be_traced())
        return __real_edo_reactor_open(reactor, options);
    if (options != NULL)
        with_trace = *options;
    if (with_trace.trace == NULL)
        with_trace.trace = new_trace();
    trace = with_trace.trace;
    traced = reactor;
    write_at_the_end();
    error = __real_edo_reactor_open(reactor, &with_trace);
    is_traced_open = error == 0;
    return error;
}

int __real_edo_reactor_close(struct edo_reactor *reactor);
int __wrap_edo_reactor_close(struct edo_reactor *reactor);
int __wrap_edo_reactor_close(struct edo_reactor *reactor)
{
    if (reactor == traced)
        write_trace_of_run();
    return __real_edo_reactor_close(reactor);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
