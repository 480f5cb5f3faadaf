/* SPDX-License-Identifier: MIT */
/* runs.c - runs that no demo makes, for the tests of the player:
 *
 *   build/browser/runs names --html FILE --trace FILE
 *   build/browser/runs TASKS ROUNDS --html FILE --trace FILE
 *   build/browser/runs closes --html FILE --trace FILE
 *
 * Tasks that sleep in a loop: with names that somebody else has chosen, or many of them; and one
 * that closes what the other waits for. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"
#include "player/player.h"

enum { MOST_EVENTS = 1 << 21, LONG = 600 };

static char long_name[LONG + 1];

static const char *const names[] = {
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\"'><svg onload=alert(3)>",
    "<!--<script>",
    "]]> --> \\ \\u0041 \\\" %s",
    "&lt;b&gt; &amp; &quot;",
    "tab\there line\nbreak\rreturn",
    "bell\x07 escape\033[31m del\x7f next\xc2\x85",
    "no utf-8: \xff \xc3( \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf",
    "turned \xe2\x80\xae around", /* NOLINT(misc-misleading-bidirectional) */
    "lines\xe2\x80\xa8 and\xe2\x80\xa9 paragraphs",
    "not XML: \xef\xbf\xbe \xef\xbf\xbf \xef\xbb\xbf",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x97\xbe e\xcc\x81",
    "\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa (1)", /* written from the right, in good faith */
    "__proto__",
    "constructor",
    "@run@",
    "@player.js@",
    "-",
    "",
    long_name,
};

enum { NAMES = sizeof names / sizeof names[0] };

/* async fn napper(rounds) { for 0..rounds { sleep(1..=7 ms).await } } */
struct napper {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleep;
    const char *name; /* the future's own, NULL for none */
    unsigned number, rounds, done;
};

enum napper_state { NAPPER_START = EDO_START, NAPPER_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static void begin_round(struct napper *napper)
{
    edo_sleep_init(&napper->sleep, EDO_MS(1 + (napper->number + napper->done) % 7));
    edo_future_goto(&napper->future, NAPPER_AWAITS_SLEEP);
}

static enum edo_poll napper_poll(struct edo_future *self, struct edo_context *cx)
{
    struct napper *napper = edo_container_of(self, struct napper, future);

    switch ((enum napper_state)self->state) {
    case NAPPER_START:
        if (napper->name != NULL)
            edo_future_set_name(self, napper->name);
        begin_round(napper);
        /* fall through */
    case NAPPER_AWAITS_SLEEP:
        while (edo_future_await(self, &napper->sleep.future, cx) == EDO_READY) {
            if (++napper->done == napper->rounds)
                break;
            begin_round(napper);
        }
        break;
    }
    return napper->done < napper->rounds ? EDO_PENDING : edo_future_done(self, NULL);
}

static const char *const wild_states[] = {"</script><i>AWAITS</i>"};
static const struct edo_future_type wild_type = {
    .name = "</script><b>(.*", .poll = napper_poll, .state_names = wild_states};

static const char *const plain_states[] = {"NAPPER_AWAITS_SLEEP"};
static const struct edo_future_type plain_type = {
    .name = "napper", .poll = napper_poll, .state_names = plain_states};

static void init_wild(struct napper *napper, unsigned i)
{
    edo_future_init(&napper->future, &wild_type);
    napper->rounds = 2;
    napper->name = names[i][0] != '\0' ? names[i] : NULL;
    edo_task_init(&napper->task, names[i], &napper->future);
}

static void init_plain(struct napper *napper, unsigned i, unsigned rounds)
{
    static char plain_names[100000][16];

    edo_future_init(&napper->future, &plain_type);
    napper->rounds = rounds;
    snprintf(plain_names[i], sizeof plain_names[i], "napper(%u)", i + 1);
    edo_task_init(&napper->task, plain_names[i], &napper->future);
}

static void write_file(const struct edo_trace *trace, const char *path,
                       void (*write)(const struct edo_trace *, FILE *))
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        exit(1);
    write(trace, file);
    if (fclose(file) != 0)
        exit(1);
}

/* 0 rounds: the wild ones. */
static int run(struct edo_trace *trace, unsigned count, unsigned rounds)
{
    static struct napper nappers[100000];
    static struct edo_timer_wheel wheel;
    static struct edo_executor executor; /* the trace is written with its clock */
    const struct edo_reactor_options options = {
        .timers = &edo_timer_wheel, .timer_state = &wheel, .is_virtual = true, .trace = trace};

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    for (unsigned i = 0; i < count; i++) {
        nappers[i].number = i;
        if (rounds == 0) {
            edo_trace_phase(trace, names[i]);
            init_wild(&nappers[i], i);
        } else {
            init_plain(&nappers[i], i, rounds);
        }
        if (edo_executor_spawn(&executor, &nappers[i].task) < 0)
            return 1;
    }
    return edo_executor_run(&executor) < 0 || edo_executor_close(&executor) < 0;
}

static struct edo_signals signals;

/* async fn closer() { close(signals) } */
static enum edo_poll closer_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_signals_close(&signals);
    return edo_future_done(self, NULL);
}

static int run_closes(struct edo_trace *trace)
{
    static const struct edo_future_type closer_type = {.name = "closer", .poll = closer_poll};
    static struct edo_executor executor;
    const struct edo_reactor_options options = {.is_virtual = true, .trace = trace};
    struct edo_signal_wait wait;
    struct edo_future closer;
    struct edo_task tasks[2];
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (edo_executor_open(&executor, &options) < 0 ||
        edo_signals_open(&signals, &executor.reactor, &set) < 0)
        return 1;
    edo_signal_wait_init(&wait, &signals);
    edo_task_init(&tasks[0], "waiter", &wait.operation.future);
    edo_future_init(&closer, &closer_type);
    edo_task_init(&tasks[1], "closer", &closer);
    for (int i = 0; i < 2; i++)
        if (edo_executor_spawn(&executor, &tasks[i]) < 0)
            return 1;
    return edo_executor_run(&executor) < 0 || edo_executor_close(&executor) < 0;
}

int main(int argc, char **argv)
{
    static struct edo_trace_event events[MOST_EVENTS];
    static struct edo_trace_note notes[MOST_EVENTS];
    bool is_wild = argc == 6 && strcmp(argv[1], "names") == 0;
    bool closes = argc == 6 && strcmp(argv[1], "closes") == 0;
    unsigned count = is_wild || argc != 7 ? NAMES : (unsigned)strtoul(argv[1], NULL, 10);
    unsigned rounds = is_wild || argc != 7 ? 0 : (unsigned)strtoul(argv[2], NULL, 10);
    struct edo_trace trace;

    if (!is_wild && !closes && (argc != 7 || count == 0 || count > 100000 || rounds == 0))
        return 2;
    memset(long_name, 'w', LONG);
    edo_trace_init(&trace, events, MOST_EVENTS);
    edo_trace_keep_notes(&trace, notes, MOST_EVENTS);
    if (closes ? run_closes(&trace) : run(&trace, count, rounds))
        return 1;
    write_file(&trace, argv[argc - 3], player_write);
    write_file(&trace, argv[argc - 1], edo_trace_write);
    return 0;
}
