/* SPDX-License-Identifier: MIT */
/* edo_tasks.c - what tasks and awaits cost: edo_tasks VARIANT WORKLOAD N [OPERATIONS].
 *
 * tokio/src/tasks.rs is the same in Rust. Each prints op_ns: ns of CLOCK_MONOTONIC for each of the
 * N, from before the first to after the last. N is repeated until a million OPERATIONS are done,
 * after once that isn't counted, in memory that is used again. */
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"
#include "edo_variant.h"
#include "measure.h"

static struct edo_executor executor;

static void spawn(struct edo_task *task, const char *name, struct edo_future *future)
{
    edo_task_init(task, name, future);
    if (edo_executor_spawn(&executor, task) != 0)
        exit(EXIT_FAILURE);
}

/* Runs `future` as a task, to its end. */
static void run(struct edo_future *future)
{
    struct edo_task task;

    edo_task_init(&task, "bench", future);
    if (edo_executor_block_on(&executor, &task) != 0 || future->state != EDO_DONE)
        exit(EXIT_FAILURE);
}

/* What the first, uncounted run has touched is there for the next: page faults are nobody's. */
static void keep_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, INT_MAX);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

static void *take(size_t n, size_t size)
{
    void *memory = malloc(n * size);

    if (memory == NULL)
        exit(EXIT_FAILURE);
    return memory;
}

/* --- spawn: spawn a task that is done in its first poll, await it, N times -------------------- */

static enum edo_poll nothing_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    return edo_future_done(self, NULL);
}

static const struct edo_future_type nothing_type = {.name = "nothing", .poll = nothing_poll};

/* async fn spawner(n) { for _ in 0..n { spawn(nothing()).await } } */
struct spawner {
    struct edo_future future;
    struct edo_future nothing;
    struct edo_task task;
    struct edo_join_tasks join;
    size_t left;
};

static void spawn_next(struct spawner *spawner)
{
    edo_future_init(&spawner->nothing, &nothing_type);
    spawn(&spawner->task, "child", &spawner->nothing);
    edo_join_tasks_init(&spawner->join, &spawner->task, 1);
}

static enum edo_poll spawner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct spawner *spawner = edo_container_of(self, struct spawner, future);

    if (self->state == EDO_START) {
        spawn_next(spawner);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &spawner->join.future, cx) == EDO_READY) {
        if (--spawner->left == 0)
            return edo_future_done(self, NULL);
        spawn_next(spawner);
    }
    return EDO_PENDING;
}

static const struct edo_future_type spawner_type = {.name = "spawner", .poll = spawner_poll};

static void run_spawn(size_t n)
{
    struct spawner spawner = {.left = n};

    edo_future_init(&spawner.future, &spawner_type);
    run(&spawner.future);
}

/* --- yield: one task yields N times ----------------------------------------------------------- */

/* async fn yielder(n) { for _ in 0..n { yield_now().await } } */
struct yielder {
    struct edo_future future;
    struct edo_yield yield;
    size_t left;
};

static enum edo_poll yielder_poll(struct edo_future *self, struct edo_context *cx)
{
    struct yielder *yielder = edo_container_of(self, struct yielder, future);

    if (self->state == EDO_START) {
        edo_yield_init(&yielder->yield);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &yielder->yield.future, cx) == EDO_READY) {
        if (--yielder->left == 0)
            return edo_future_done(self, NULL);
        edo_yield_init(&yielder->yield);
    }
    return EDO_PENDING;
}

static const struct edo_future_type yielder_type = {.name = "yielder", .poll = yielder_poll};

static void yielder_init(struct yielder *yielder, size_t n)
{
    edo_future_init(&yielder->future, &yielder_type);
    yielder->left = n;
}

static void run_yield(size_t n)
{
    struct yielder yielder;

    yielder_init(&yielder, n);
    run(&yielder.future);
}

/* --- sleep: one task sleeps N times, one sleep after another ---------------------------------- */

/* async fn sleeper(n) { for _ in 0..n { sleep(100us).await } } */
struct sleeper {
    struct edo_future future;
    struct edo_sleep sleep;
    size_t left;
};

static enum edo_poll sleeper_poll(struct edo_future *self, struct edo_context *cx)
{
    struct sleeper *sleeper = edo_container_of(self, struct sleeper, future);

    if (self->state == EDO_START) {
        edo_sleep_init(&sleeper->sleep, EDO_US(100));
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &sleeper->sleep.future, cx) == EDO_READY) {
        if (sleeper->sleep.future.error)
            return edo_future_fail(self, sleeper->sleep.future.error);
        if (--sleeper->left == 0)
            return edo_future_done(self, NULL);
        edo_sleep_init(&sleeper->sleep, EDO_US(100));
    }
    return EDO_PENDING;
}

static const struct edo_future_type sleeper_type = {.name = "sleeper", .poll = sleeper_poll};

static void run_sleep(size_t n)
{
    struct sleeper sleeper = {.left = n};

    edo_future_init(&sleeper.future, &sleeper_type);
    run(&sleeper.future);
}

/* --- join: spawn N tasks, each of which yields once, and join them ---------------------------- */

static void run_join(size_t n)
{
    struct yielder *yielders = take(n, sizeof *yielders);
    struct edo_task *tasks = take(n, sizeof *tasks);
    struct edo_join_tasks join;

    for (size_t i = 0; i < n; i++) {
        yielder_init(&yielders[i], 1);
        spawn(&tasks[i], "child", &yielders[i].future);
    }
    edo_join_tasks_init(&join, tasks, n);
    run(&join.future);
    free(tasks);
    free(yielders);
}

/* --- join_futures: join N futures, each of which yields once, in one task --------------------- */

static void run_join_futures(size_t n)
{
    struct yielder *yielders = take(n, sizeof *yielders);
    struct edo_branch *branches = take(n, sizeof *branches);
    struct edo_join join;

    for (size_t i = 0; i < n; i++) {
        yielder_init(&yielders[i], 1);
        branches[i].child = &yielders[i].future;
    }
    edo_join_init(&join, branches, n);
    run(&join.future);
    free(branches);
    free(yielders);
}

/* --- channel: two tasks send a number to and fro N times, through two channels of one place */

/* async fn player(n) { for _ in 0..n { take(in).await; give(out).await } }, and the other way round
 * for the one who serves. */
struct player {
    struct edo_future future;
    struct edo_task task;
    struct edo_channel *in, *out;
    bool is_sending;
    struct edo_send send;
    struct edo_receive receive;
    uint64_t number;
    size_t left; /* sends and receives */
};

static struct edo_future *next_move(struct player *player)
{
    if (player->is_sending) {
        edo_send_init(&player->send, player->out, &player->number);
        return &player->send.future;
    }
    edo_receive_init(&player->receive, player->in, &player->number);
    return &player->receive.future;
}

static enum edo_poll player_poll(struct edo_future *self, struct edo_context *cx)
{
    struct player *player = edo_container_of(self, struct player, future);
    struct edo_future *move = self->awaiting;

    if (self->state == EDO_START) {
        move = next_move(player);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, move, cx) == EDO_READY) {
        if (--player->left == 0)
            return edo_future_done(self, NULL);
        player->is_sending = !player->is_sending;
        move = next_move(player);
    }
    return EDO_PENDING;
}

static const struct edo_future_type player_type = {.name = "player", .poll = player_poll};

static void run_channel(size_t n)
{
    uint64_t places[2];
    struct edo_channel channels[2];
    struct player players[2];

    for (size_t i = 0; i < 2; i++)
        edo_channel_init(&channels[i], &places[i], sizeof places[i], 1);
    for (size_t i = 0; i < 2; i++) {
        players[i] = (struct player){
            .in = &channels[i], .out = &channels[1 - i], .is_sending = i == 0, .left = 2 * n};
        edo_future_init(&players[i].future, &player_type);
    }
    spawn(&players[1].task, "returns", &players[1].future);
    run(&players[0].future);
    if (edo_executor_run(&executor) != 0)
        exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(size_t n);
    } workloads[] = {{"spawn", run_spawn},
                     {"yield", run_yield},
                     {"sleep", run_sleep},
                     {"join", run_join},
                     {"join_futures", run_join_futures},
                     {"channel", run_channel}};
    size_t n = argc >= 4 ? strtoull(argv[3], NULL, 10) : 0;
    size_t operations = argc >= 5 ? strtoull(argv[4], NULL, 10) : 1000000;
    struct edo_reactor_options options;

    for (size_t i = 0; n > 0 && i < sizeof workloads / sizeof workloads[0]; i++) {
        size_t done = 0;
        uint64_t began_ns = 0;

        if (strcmp(argv[2], workloads[i].name) != 0)
            continue;
        if (!edo_variant_find(argv[1], &options) || edo_executor_open(&executor, &options) != 0)
            return EXIT_FAILURE;
        keep_memory();
        workloads[i].run(n);
        began_ns = measure_now();
        for (; done < operations; done += n)
            workloads[i].run(n);
        measure_print("op_ns", (double)(measure_now() - began_ns) / (double)done);
        edo_executor_close(&executor);
        return EXIT_SUCCESS;
    }
    fputs("usage: edo_tasks VARIANT spawn|yield|sleep|join|join_futures|channel N [OPERATIONS]\n",
          stderr);
    return EXIT_FAILURE;
}
