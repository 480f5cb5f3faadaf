/* SPDX-License-Identifier: MIT */
#include "async_main.h"

#include <stdio.h>
#include <string.h>

#include "edo.h"
#include "errno_name.h"
#include "say.h"

/* #[tokio::main]
 * async fn main() {
 *     let data = fetch_data(1).await;
 *
 *     let tasks = [spawn(async_task(1)), spawn(async_task(2)), spawn(async_task(3))];
 *     for outcome in join_all(tasks).await {
 *         match outcome { Ok(Ok(value)) => ..., Ok(Err(error)) => ..., Err(cancelled) => ... }
 *     }
 *
 *     for index in 0..3 {
 *         process_item(index).await;
 *     }
 * } */

enum main_state {
    MAIN_START = EDO_START,
    MAIN_AWAITS_FETCH = EDO_FIRST_AWAIT,
    MAIN_AWAITS_TASKS,
    MAIN_AWAITS_ITEM,
};

static const char *const state_names[] = {"MAIN_AWAITS_FETCH", "MAIN_AWAITS_TASKS",
                                          "MAIN_AWAITS_ITEM"};

/* A phase takes as long as its sleeps do. An error that nobody asked for is a failure of the run.
 */
static void note_sleep(struct async_main *main, const struct edo_sleep *sleep, uint64_t duration_ns)
{
    summary_add(&main->summary, edo_future_error(&sleep->future) ? 0 : duration_ns);
    main->failures += edo_future_error(&sleep->future) != 0;
}

/* --- Phase 1: await --------------------------------------------------------------------------- */

static void begin_fetch(struct async_main *main, struct edo_context *cx)
{
    summary_begin(&main->summary, PHASE_SEQUENTIAL, cx);
    fetch_data_init(&main->fetch, 1);
}

/* --- Phase 2: spawn and join ------------------------------------------------------------------ */

static int spawn_tasks(struct async_main *main, struct edo_context *cx)
{
    int error = 0;

    summary_begin(&main->summary, PHASE_PARALLEL, cx);
    for (unsigned i = 0; i < TASKS && !error; i++) {
        struct async_task *child = &main->children[i];
        bool is_to_fail = i + 1 == main->options->fail_task;

        async_task_init(child, i + 1, is_to_fail ? main->options->fail_error : 0);
        edo_task_init(&main->tasks[i], child->name, &child->future);
        error = edo_executor_spawn(cx->executor, &main->tasks[i]);
    }
    edo_join_tasks_init(&main->join, main->tasks, TASKS);
    return error;
}

/* The match over an outcome: ok, failed or cancelled. Without a default, so that forgetting one is
 * a warning. gdb: `p edo_future_outcome(&child->future)`, `p child->name`. */
static void report_outcome(const struct async_task *child, char *values)
{
    struct edo_outcome outcome = edo_future_outcome(&child->future);

    switch (outcome.kind) {
    case EDO_OUTCOME_OK: {
        const unsigned *value = outcome.value;

        sprintf(values + strlen(values), "%s%u", *values ? ", " : "", *value);
        break;
    }
    case EDO_OUTCOME_FAILED:
        say("async_main", "%s failed: %s", child->name, errno_name(-outcome.error));
        break;
    case EDO_OUTCOME_CANCELLED:
        say("async_main", "%s was cancelled", child->name);
        break;
    }
}

static void end_tasks(struct async_main *main)
{
    char values[16 * TASKS] = "";

    for (unsigned i = 0; i < TASKS; i++) {
        report_outcome(&main->children[i], values);
        note_sleep(main, &main->children[i].sleep, async_task_duration(&main->children[i]));
    }
    say("async_main", "joined, values: %s", *values ? values : "none");
}

/* --- Phase 3: await in a loop ----------------------------------------------------------------- */

static void begin_items(struct async_main *main, struct edo_context *cx)
{
    summary_begin(&main->summary, PHASE_LOOP, cx);
    main->index = 0;
    process_item_init(&main->items[0], 0);
}

static bool next_item(struct async_main *main)
{
    note_sleep(main, &main->items[main->index].work, ITEM_WORK);
    main->index++;
    if (main->index < ITEMS)
        process_item_init(&main->items[main->index], main->index);
    return main->index < ITEMS;
}

/* gdb: stops at the start and at each wake. `p (enum main_state)self->state` says at which await it
 * goes on, `p *self->awaiting` for whom it waited. */
static enum edo_poll async_main_poll(struct edo_future *self, struct edo_context *cx)
{
    struct async_main *main = edo_container_of(self, struct async_main, future);
    int error;

    switch ((enum main_state)self->state) {
    case MAIN_START:
        begin_fetch(main, cx);
        edo_future_goto(self, MAIN_AWAITS_FETCH);
        /* fall through */
    case MAIN_AWAITS_FETCH:
        if (edo_future_await(self, &main->fetch.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        note_sleep(main, &main->fetch.latency, FETCH_LATENCY);

        error = spawn_tasks(main, cx);
        if (error)
            return edo_future_fail(self, error);
        edo_future_goto(self, MAIN_AWAITS_TASKS);
        /* fall through */
    case MAIN_AWAITS_TASKS:
        if (edo_future_await(self, &main->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        end_tasks(main);

        begin_items(main, cx);
        edo_future_goto(self, MAIN_AWAITS_ITEM);
        /* fall through */
    case MAIN_AWAITS_ITEM:
        do {
            if (edo_future_await(self, &main->items[main->index].future, cx) == EDO_PENDING)
                return EDO_PENDING;
        } while (next_item(main));
        summary_end(&main->summary);
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type async_main_type = {
    .name = "async_main", .poll = async_main_poll, .state_names = state_names};

void async_main_init(struct async_main *main, const struct options *options)
{
    edo_future_init(&main->future, &async_main_type);
    main->options = options;
    main->failures = 0;
}
