/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_TICKS = 3, YIELDS = 10, NAPS = 5, EMPTY_TICKS = 3, LAST_NAPS = 2 };
enum { APART_MS = 20, LONG_S = 3600, HANGS_S = 20 };

/* Tasks: the naps, and then these. */
enum { YIELDER = NAPS + LAST_NAPS, LAST_YIELDER, READER, LAST_READER, LONG, LAST, TASKS };

struct nap {
    struct edo_future future;
    struct edo_sleep sleep;
    unsigned armed_in; /* which iteration of the loop */
    unsigned ended_in;
    unsigned ended_as; /* a number that counts up */
    bool is_early;
};

struct yielder {
    struct edo_future future;
    unsigned yields;
    unsigned polls;
};

/* What the last tick leaves to be done. */
struct last {
    struct edo_future future;
    struct edo_notified notified;
    struct edo_join_tasks naps;
};

static struct {
    const struct host *host;
    const char *driver;
    struct edo_executor executor;
    struct edo_remote remote;
    struct edo_io io; /* the pipe's end that is read */
    int write_fd;
    struct edo_task tasks[TASKS];
    struct nap naps[NAPS + LAST_NAPS];
    struct yielder yielders[2];
    struct edo_read reads[2];
    char bytes[NAPS + 1];
    struct edo_sleep long_sleep;
    struct last last;
    struct edo_notice notice;
    pthread_t thread;
    unsigned iterations;
    unsigned busy_iterations; /* of them: beside the task that is always ready */
    unsigned ticks;
    unsigned empty_ticks;
    unsigned ended; /* naps */
    bool is_last;   /* the last tick has been */
} its;

void must(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "%s, %s: failed: %s\n", its.host->name, its.driver, what);
    exit(1);
}

/* --- The tasks -------------------------------------------------------------------------------- */

static void spawn(size_t i, const char *name, struct edo_future *future)
{
    edo_task_init(&its.tasks[i], name, future);
    must(edo_executor_spawn(&its.executor, &its.tasks[i]) == 0, name);
}

enum yielder_state { YIELDER_AWAITS_TURN = EDO_FIRST_AWAIT };

/* async fn yielder() { while ticks < BUSY_TICKS || yields++ < YIELDS { yield().await; } } */
static enum edo_poll yielder_poll(struct edo_future *self, struct edo_context *cx)
{
    struct yielder *yielder = edo_container_of(self, struct yielder, future);

    yielder->polls++;
    if (its.ticks >= BUSY_TICKS && yielder->yields++ >= YIELDS)
        return edo_future_done(self, NULL);
    edo_wake(cx->waker);
    edo_future_goto(self, YIELDER_AWAITS_TURN);
    return EDO_PENDING;
}

enum nap_state { NAP_AWAITS_SLEEP = EDO_FIRST_AWAIT };

/* async fn nap() { armed_in = iterations; sleep.await?; ended_in = iterations; } */
static enum edo_poll nap_poll(struct edo_future *self, struct edo_context *cx)
{
    struct nap *nap = edo_container_of(self, struct nap, future);

    if (self->state == EDO_START) {
        nap->armed_in = its.iterations;
        edo_future_goto(self, NAP_AWAITS_SLEEP);
    }
    if (edo_future_await(self, &nap->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    nap->is_early = edo_clock_now(&cx->reactor->clock) < nap->sleep.timer.due_ns;
    nap->ended_in = its.iterations;
    nap->ended_as = its.ended++;
    if (edo_future_error(&nap->sleep.future))
        return edo_future_fail(self, edo_future_error(&nap->sleep.future));
    return edo_future_done(self, NULL);
}

static void spawn_nap(size_t i, size_t after)
{
    static const char *const states[] = {"NAP_AWAITS_SLEEP"};
    static const struct edo_future_type type = {"nap", nap_poll, NULL, NULL, states, NULL};
    uint64_t now_ns = edo_clock_now(&its.executor.reactor.clock);

    edo_future_init(&its.naps[i].future, &type);
    edo_sleep_until_init(&its.naps[i].sleep, now_ns + EDO_MS(APART_MS) * (after - i));
    spawn(i, "nap", &its.naps[i].future);
}

/* Once the runtime has said that it sleeps. */
static void *post(void *data)
{
    (void)data;
    while (__atomic_load_n(&its.remote.is_awaited, __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    edo_notice_post(&its.notice);
    return NULL;
}

enum last_state { LAST_START = EDO_START, LAST_AWAITS_POST = EDO_FIRST_AWAIT, LAST_AWAITS_NAPS };

/* async fn last() { notified.await?; naps = spawn(LAST_NAPS); naps.await; long.cancel(); } */
static enum edo_poll last_poll(struct edo_future *self, struct edo_context *cx)
{
    struct last *last = edo_container_of(self, struct last, future);

    switch ((enum last_state)self->state) {
    case LAST_START:
        edo_notified_init(&last->notified, &its.notice);
        edo_future_goto(self, LAST_AWAITS_POST);
        /* fall through */
    case LAST_AWAITS_POST:
        if (edo_future_await(self, &last->notified.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(&last->notified.future))
            return edo_future_fail(self, edo_future_error(&last->notified.future));
        for (size_t i = NAPS; i < NAPS + LAST_NAPS; i++)
            spawn_nap(i, NAPS + LAST_NAPS);
        edo_join_tasks_init(&last->naps, &its.tasks[NAPS], LAST_NAPS);
        edo_future_goto(self, LAST_AWAITS_NAPS);
        /* fall through */
    case LAST_AWAITS_NAPS:
        if (edo_future_await(self, &last->naps.future, cx) == EDO_PENDING)
            return EDO_PENDING;
    }
    edo_task_cancel(&its.tasks[LONG]);
    return edo_future_done(self, NULL);
}

/* --- What comes when -------------------------------------------------------------------------- */

static void spawn_yielder(size_t i, struct yielder *yielder)
{
    static const char *const states[] = {"YIELDER_AWAITS_TURN"};
    static const struct edo_future_type type = {"yielder", yielder_poll, NULL, NULL, states, NULL};

    edo_future_init(&yielder->future, &type);
    spawn(i, "yielder", &yielder->future);
}

static void spawn_reader(size_t i, struct edo_read *read, char *bytes, size_t count)
{
    edo_read_exactly_init(read, &its.io, bytes, count);
    spawn(i, "reader", &read->operation.future);
}

static void spawn_last(void)
{
    static const char *const states[] = {"LAST_AWAITS_POST", "LAST_AWAITS_NAPS"};
    static const struct edo_future_type type = {"last", last_poll, NULL, NULL, states, NULL};

    spawn_yielder(LAST_YIELDER, &its.yielders[1]);
    spawn_reader(LAST_READER, &its.reads[1], &its.bytes[NAPS], 1);
    edo_sleep_init(&its.long_sleep, EDO_S(LONG_S));
    spawn(LONG, "long", &its.long_sleep.future);
    edo_future_init(&its.last.future, &type);
    spawn(LAST, "last", &its.last.future);
    must(pthread_create(&its.thread, NULL, post, NULL) == 0, "pthread_create");
}

static bool has_tasks(void)
{
    return edo_executor_next_task(&its.executor, NULL) != NULL;
}

bool scenario_tick(void)
{
    unsigned tick = its.ticks++;

    if (tick < BUSY_TICKS)
        return true;
    if (tick < BUSY_TICKS + NAPS) {
        spawn_nap(tick - BUSY_TICKS, NAPS);
        must(write(its.write_fd, "a", 1) == 1, "write");
        return true;
    }
    if (has_tasks() || its.empty_ticks++ < EMPTY_TICKS) {
        if (its.empty_ticks == 1)
            must(write(its.write_fd, "a", 1) == 1, "write");
        return true;
    }
    spawn_last();
    its.is_last = true;
    return false;
}

/* --- The judgement ---------------------------------------------------------------------------- */

/* A nap that was armed before a later one ended has ended before it. In one iteration the loop may
 * give the runtime several turns: which of the two came first there is not known. */
static void judge_naps(void)
{
    for (const struct nap *nap = its.naps; nap < its.naps + NAPS + LAST_NAPS; nap++) {
        must(!nap->is_early, "a sleep ended early");
        for (const struct nap *later = its.naps; later < its.naps + NAPS + LAST_NAPS; later++)
            must(later->sleep.timer.due_ns <= nap->sleep.timer.due_ns ||
                     later->ended_in <= nap->armed_in || nap->ended_as < later->ended_as,
                 "a later deadline came first");
    }
}

/* Each tick and each poll may cost an iteration in which the loop finds nothing, as where its clock
 * is coarser than the runtime's. */
static void judge_iterations(void)
{
    unsigned slept = its.iterations - its.busy_iterations;
    unsigned events = its.ticks + its.executor.polls - its.yielders[0].polls;

    if (slept > 2 * events)
        fprintf(stderr, "%u iterations for %u ticks and polls\n", slept, events);
    must(slept <= 2 * events, "the loop spins");
    printf("%s, %s: ok, %u iterations for %u ticks and polls\n", its.host->name, its.driver, slept,
           events);
}

static void judge(void)
{
    for (size_t i = 0; i < TASKS; i++)
        must(edo_future_error(its.tasks[i].future) == (i == LONG ? -ECANCELED : 0),
             its.tasks[i].name);
    must(memcmp(its.bytes, "aaaaaa", NAPS + 1) == 0, "the bytes that were read");
    judge_naps();
    judge_iterations();
}

/* A last resort. The thread that it interrupts waits or spins, and does not print. */
static void tell_who_hangs(int number)
{
    (void)number;
    fprintf(stderr, "%s, %s: failed: it hangs%s\n", its.host->name, its.driver,
            has_tasks() ? "" : " without a task");
    edo_executor_dump(&its.executor, stderr);
    _exit(1);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static void scenario_open(void)
{
    static struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {.timers = &edo_timer_fd};
    int ends[2];

    if (strcmp(its.driver, "wheel") == 0)
        options = (struct edo_reactor_options){.timers = &edo_timer_wheel, .timer_state = &wheel};
    must(edo_executor_open(&its.executor, &options) == 0, "edo_executor_open");
    must(edo_remote_open(&its.remote, &its.executor.reactor) == 0, "edo_remote_open");
    edo_notice_init(&its.notice, &its.remote);
    must(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    must(edo_io_open(&its.io, &its.executor.reactor, ends[0]) == 0, "edo_io_open");
    its.write_fd = ends[1];
}

static void scenario_close(void)
{
    pthread_join(its.thread, NULL);
    edo_io_close(&its.io);
    close(its.write_fd);
    edo_remote_close(&its.remote);
    must(edo_executor_close(&its.executor) == 0, "edo_executor_close");
}

static int count_fds(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

int scenario_main(int argc, char **argv, const struct host *host)
{
    int fds = count_fds();

    its.host = host;
    its.driver = argc == 2 ? argv[1] : "";
    must(strcmp(its.driver, "fd") == 0 || strcmp(its.driver, "wheel") == 0, "say fd or wheel");
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = tell_who_hangs}, NULL);
    alarm(HANGS_S);
    scenario_open();
    host->open(&its.executor);
    spawn_yielder(YIELDER, &its.yielders[0]);
    spawn_reader(READER, &its.reads[0], its.bytes, NAPS);
    while (!its.is_last || has_tasks()) {
        its.iterations++;
        its.busy_iterations += edo_task_is_live(&its.tasks[YIELDER]);
        host->iterate();
    }
    host->close();
    scenario_close();
    must(count_fds() == fds, "an fd stayed open");
    judge();
    return 0;
}
