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

static void note_failure(struct async_main *main, const struct edo_future *future)
{
    if (future->error)
        main->failures++;
}

/* 0 if there was no timer for it. */
static uint64_t slept_ns(const struct edo_sleep *sleep)
{
    return sleep->future.error ? 0 : sleep->time_ns;
}

static void begin_phase(struct async_main *main, struct edo_context *cx, enum phase phase)
{
    summary_begin(&main->summary, phase);
    edo_trace_phase(cx->reactor->trace, summary_phase_name(phase));
}

/* --- Phase 1: await --------------------------------------------------------------------------- */

static void begin_fetch(struct async_main *main, struct edo_context *cx)
{
    say_heading("Phase 1, sequential: await one future");
    begin_phase(main, cx, PHASE_SEQUENTIAL);
    fetch_data_init(&main->fetch, 1);
}

static void end_fetch(struct async_main *main)
{
    note_failure(main, &main->fetch.future);
    main->summary.ideal_ns[PHASE_SEQUENTIAL] = slept_ns(&main->fetch.latency);
    summary_end(&main->summary, PHASE_SEQUENTIAL);
}

/* --- Phase 2: spawn and join ------------------------------------------------------------------ */

static void begin_tasks(struct async_main *main, struct edo_context *cx)
{
    say_heading("Phase 2, parallel: spawn three tasks and join them");
    begin_phase(main, cx, PHASE_PARALLEL);
    for (unsigned i = 0; i < TASKS; i++) {
        unsigned id = i + 1;
        bool is_to_fail = id == main->options->fail_task;

        async_task_init(&main->children[i], id, is_to_fail ? main->options->fail_error : 0);
    }
}

static int spawn_tasks(struct async_main *main, struct edo_context *cx)
{
    int error = 0;

    for (unsigned i = 0; i < TASKS && !error; i++) {
        edo_task_init(&main->tasks[i], main->children[i].name, &main->children[i].future);
        error = edo_executor_spawn(cx->executor, &main->tasks[i]);
    }
    edo_join_tasks_init(&main->join, main->tasks, TASKS);
    return error;
}

/* The match over an outcome: ok, failed or cancelled. Without a default, so that forgetting one is
 * a warning. gdb: `p edo_future_outcome(&child->future)`, `p main->tasks[0]`. */
static void report_outcome(struct async_main *main, const struct async_task *child, char *values)
{
    struct edo_outcome outcome = edo_future_outcome(&child->future);

    switch (outcome.kind) {
    case EDO_OUTCOME_OK: {
        const unsigned *value = outcome.value;

        sprintf(values + strlen(values), "%s%u", *values ? ", " : "", *value);
        break;
    }
    case EDO_OUTCOME_FAILED:
        if (outcome.error != child->told_error)
            note_failure(main, &child->future);
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
    uint64_t longest_ns = 0, sum_ns = 0;

    for (unsigned i = 0; i < TASKS; i++) {
        uint64_t duration_ns = slept_ns(&main->children[i].sleep);

        report_outcome(main, &main->children[i], values);
        sum_ns += duration_ns;
        longest_ns = duration_ns > longest_ns ? duration_ns : longest_ns;
    }
    say("async_main", "joined, values: %s", *values ? values : "none");
    main->summary.one_by_one_ns = sum_ns;
    main->summary.ideal_ns[PHASE_PARALLEL] = longest_ns;
    summary_end(&main->summary, PHASE_PARALLEL);
}

/* --- Phase 3: await in a loop ----------------------------------------------------------------- */

static void begin_items(struct async_main *main, struct edo_context *cx)
{
    say_heading("Phase 3, sequential loop: three items, each after the one before");
    begin_phase(main, cx, PHASE_LOOP);
    main->index = 0;
    process_item_init(&main->item, main->index);
}

static bool next_item(struct async_main *main)
{
    note_failure(main, &main->item.future);
    main->summary.ideal_ns[PHASE_LOOP] += slept_ns(&main->item.work);
    main->index++;
    if (main->index == ITEMS)
        return false;
    process_item_init(&main->item, main->index);
    return true;
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
        end_fetch(main);

        begin_tasks(main, cx);
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
            if (edo_future_await(self, &main->item.future, cx) == EDO_PENDING)
                return EDO_PENDING;
        } while (next_item(main));
        summary_end(&main->summary, PHASE_LOOP);
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
