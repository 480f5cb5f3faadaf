/* SPDX-License-Identifier: MIT */
/* Joining tasks. */
#include <stdlib.h>
#include <string.h>

#include "../../reactor/task/run.h"
#include "helper.h"
#include "suites.h"

enum { CHILDREN = 3 };

/* async fn parent() { spawn three sleepers; join them } */
struct parent {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleeps[CHILDREN];
    struct edo_task children[CHILDREN];
    struct edo_join_tasks join;
    unsigned polls;
};

enum parent_state { PARENT_START = EDO_START, PARENT_AWAITS_JOIN = EDO_FIRST_AWAIT };

static enum edo_poll parent_poll(struct edo_future *self, struct edo_context *cx)
{
    struct parent *parent = edo_container_of(self, struct parent, future);

    parent->polls++;
    switch ((enum parent_state)self->state) {
    case PARENT_START:
        for (unsigned i = 0; i < CHILDREN; i++) {
            edo_sleep_init(&parent->sleeps[i], EDO_MS(3 - i)); /* the last one ends first */
            edo_task_init(&parent->children[i], "child", &parent->sleeps[i].future);
            ck_assert_int_eq(edo_executor_spawn(cx->executor, &parent->children[i]), 0);
        }
        edo_join_tasks_init(&parent->join, parent->children, CHILDREN);
        edo_future_goto(self, PARENT_AWAITS_JOIN);
        /* fall through */
    case PARENT_AWAITS_JOIN:
        if (edo_future_await(self, &parent->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return parent->join.future.error ? edo_future_fail(self, parent->join.future.error)
                                     : edo_future_done(self, NULL);
}

static const struct edo_future_type parent_type = {.name = "parent", .poll = parent_poll};

static void parent_init(struct parent *parent)
{
    *parent = (struct parent){0};
    edo_future_init(&parent->future, &parent_type);
    edo_task_init(&parent->task, "parent", &parent->future);
}

START_TEST(a_join_is_ready_when_the_last_task_has_ended)
{
    struct runtime runtime;
    struct parent parent;
    uint64_t began_ns;

    runtime_open(&runtime, _i);
    began_ns = runtime_now(&runtime);
    parent_init(&parent);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &parent.task), 0);
    ck_assert_uint_ge(runtime_now(&runtime), began_ns + EDO_MS(3));
    ck_assert_int_eq(parent.future.state, EDO_DONE);
    for (int i = 0; i < CHILDREN; i++)
        ck_assert_int_eq(edo_future_outcome(parent.children[i].future).kind, EDO_OUTCOME_OK);
    if (_i < VIRTUAL_VARIANTS) /* the first child is the last to end */
        ck_assert_uint_eq(parent.polls, 2);
    runtime_close(&runtime);
}
END_TEST

/* J9 */
START_TEST(a_join_of_no_tasks_is_ready_at_once)
{
    struct edo_join_tasks join;
    struct edo_context cx = {0};

    edo_join_tasks_init(&join, NULL, 0);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
}
END_TEST

/* J3 */
START_TEST(every_outcome_is_collected)
{
    struct runtime runtime;
    struct fake fakes[CHILDREN];
    struct edo_task tasks[CHILDREN], joiner;
    struct edo_join_tasks join;

    runtime_open(&runtime, _i);
    for (int i = 0; i < CHILDREN; i++) {
        fake_init(&fakes[i], i == 2);
        edo_task_init(&tasks[i], "child", &fakes[i].future);
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    }
    fakes[1].error = -EIO; /* cppcheck-suppress unreadVariable ; its poll reads it */
    edo_join_tasks_init(&join, tasks, CHILDREN);
    edo_task_init(&joiner, "joiner", &join.future);
    edo_executor_spawn(&runtime.executor, &joiner);
    runtime_run_for(&runtime, EDO_MS(1));
    edo_task_cancel(&tasks[2]);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &joiner), 0);
    ck_assert_int_eq(edo_future_outcome(tasks[0].future).kind, EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_future_outcome(tasks[1].future).error, -EIO);
    ck_assert_int_eq(edo_future_outcome(tasks[2].future).kind, EDO_OUTCOME_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* J7 */
START_TEST(cancelling_the_parent_cancels_the_tasks_it_joins)
{
    struct runtime runtime;
    struct parent parent;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    parent_init(&parent);
    edo_executor_spawn(&runtime.executor, &parent.task);
    runtime_run_for(&runtime, EDO_US(1500));
    edo_task_cancel(&parent.task);
    ck_assert_int_eq(parent.join.future.state, EDO_CANCELLED);
    ck_assert_int_eq(parent.sleeps[0].future.state, EDO_CANCELLED);
    ck_assert_int_eq(parent.sleeps[1].future.state, EDO_CANCELLED);
    ck_assert_uint_eq(parent.polls, 1);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_join_that_only_looks_leaves_the_tasks_running)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;
    struct edo_join_tasks join;
    struct edo_timeout timeout;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(2));
    edo_task_init(&task, "task", &sleep.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_await_tasks_init(&join, &task, 1);
    edo_timeout_init(&timeout, &join.future, EDO_MS(1));
    ck_assert_int_eq(runtime_await(&runtime, &timeout.future).error, -ETIMEDOUT);
    ck_assert(edo_task_is_live(&task));
    edo_await_tasks_init(&join, &task, 1);
    ck_assert_int_eq(runtime_await(&runtime, &join.future).kind, EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_future_outcome(&sleep.future).kind, EDO_OUTCOME_OK);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_join_is_not_woken_by_the_tasks_it_cancels)
{
    struct edo_executor executor;
    struct fake fake;
    struct edo_task task;
    struct edo_join_tasks join;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter), .executor = &executor};

    executor_without_reactor(&executor);
    fake_init(&fake, 1);
    edo_task_init(&task, "child", &fake.future);
    edo_task_start(&task, &executor);
    edo_join_tasks_init(&join, &task, 1);
    edo_future_poll(&join.future, &cx);
    edo_future_cancel(&join.future);
    ck_assert_int_eq(task.state, EDO_TASK_ENDED);
    ck_assert_uint_eq(counter.wakes, 0);
}
END_TEST

/* async fn child() { cancel(my parent) }: the parent joins the very task that is being polled. */
struct rebel {
    struct edo_future future;
    struct edo_task task;
    struct edo_join_tasks parent;
    struct edo_task parent_task;
    int answer;
    bool is_let_go;
};

static enum edo_poll rebel_poll(struct edo_future *self, struct edo_context *cx)
{
    struct rebel *rebel = edo_container_of(self, struct rebel, future);

    if (self->state == EDO_START) {
        edo_future_goto(self, EDO_FIRST_AWAIT);
        edo_wake(cx->waker); /* let the parent begin to wait */
    } else {
        rebel->answer = (int)edo_task_cancel(&rebel->parent_task);
    }
    return EDO_PENDING;
}

static enum edo_poll rebel_cancel(struct edo_future *self)
{
    edo_container_of(self, struct rebel, future)->is_let_go = true;
    return EDO_READY;
}

/* C1 */
START_TEST(a_child_that_cancels_its_parent_is_told_that_it_is_not_over_yet)
{
    static const struct edo_future_type rebel_type = {
        .name = "rebel", .poll = rebel_poll, .cancel = rebel_cancel};
    struct rebel rebel = {.answer = 0};
    struct runtime runtime;

    runtime_open(&runtime, _i);
    edo_future_init(&rebel.future, &rebel_type);
    edo_task_init(&rebel.task, "rebel", &rebel.future);
    edo_join_tasks_init(&rebel.parent, &rebel.task, 1);
    edo_task_init(&rebel.parent_task, "parent", &rebel.parent.future);
    edo_executor_spawn(&runtime.executor, &rebel.parent_task);
    edo_executor_spawn(&runtime.executor, &rebel.task);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(rebel.answer, EDO_PENDING);
    ck_assert(rebel.is_let_go);
    ck_assert_int_eq(rebel.parent.future.state, EDO_CANCELLED);
    ck_assert_int_eq(rebel.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* The second is not this executor's: it is somewhere else or nowhere, and is not waited for. */
START_TEST(a_cancelled_join_leaves_alone_what_was_not_spawned_here)
{
    struct runtime here, there;
    struct fake fakes[2];
    struct edo_task tasks[2], parent;
    struct edo_join_tasks join;

    for (int is_spawned = 0; is_spawned < 2; is_spawned++) {
        runtime_open(&here, _i);
        runtime_open(&there, _i);
        for (int i = 0; i < 2; i++) {
            fake_init(&fakes[i], 1);
            edo_task_init(&tasks[i], "child", &fakes[i].future);
        }
        edo_join_tasks_init(&join, tasks, 2);
        edo_task_init(&parent, "parent", &join.future);
        ck_assert_int_eq(edo_executor_spawn(&here.executor, &tasks[0]), 0);
        ck_assert_int_eq(edo_executor_spawn(&here.executor, &parent), 0);
        if (is_spawned)
            ck_assert_int_eq(edo_executor_spawn(&there.executor, &tasks[1]), 0);
        ck_assert_int_eq(edo_executor_turn_now(&here.executor), 0);
        ck_assert_int_eq(edo_task_cancel(&parent), EDO_READY);
        ck_assert_int_eq(tasks[0].state, EDO_TASK_ENDED);
        ck_assert(tasks[1].joiner.wake == NULL);
        ck_assert_int_eq(tasks[1].state, is_spawned ? EDO_TASK_READY : EDO_TASK_NEW);
        runtime_close(&there);
        runtime_close(&here);
    }
}
END_TEST

START_TEST(a_task_has_one_joiner)
{
    struct runtime runtime;
    struct fake fake;
    struct edo_task child, joiners[2];
    struct edo_join_tasks joins[2];

    runtime_open(&runtime, _i);
    fake_init(&fake, 1);
    edo_task_init(&child, "child", &fake.future);
    edo_executor_spawn(&runtime.executor, &child);
    for (int i = 0; i < 2; i++) {
        edo_join_tasks_init(&joins[i], &child, 1);
        edo_task_init(&joiners[i], "joiner", &joins[i].future);
        edo_executor_spawn(&runtime.executor, &joiners[i]);
    }
    edo_executor_block_on(&runtime.executor, &joiners[1]);
    ck_assert_int_eq(joins[1].future.error, -EBUSY);
    edo_wake(fake.waker);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &joiners[0]), 0);
    ck_assert_int_eq(joins[0].future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* Cancelling who joins a task doesn't take it from somebody else who joins it too. */
START_TEST(a_cancelled_join_leaves_another_s_joiner_in_place)
{
    struct runtime runtime;
    struct edo_sleep sleeps[2];
    struct edo_shield shield;
    struct edo_task tasks[2], parent;
    struct edo_join_tasks join;
    struct counter other = {0};

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleeps[0], EDO_MS(10));
    edo_sleep_init(&sleeps[1], EDO_MS(10));
    edo_shield_init(&shield, &sleeps[1].future);
    edo_task_init(&tasks[0], "first", &sleeps[0].future);
    edo_task_init(&tasks[1], "held", &shield.future);
    for (int i = 0; i < 2; i++)
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    tasks[1].joiner = counting(&other);
    edo_join_tasks_init(&join, tasks, 2);
    edo_task_init(&parent, "parent", &join.future);
    edo_executor_spawn(&runtime.executor, &parent);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_READY); /* it can't wait for the second */
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(other.wakes, 1);
    ck_assert_int_eq(shield.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

START_TEST(being_polled_for_nothing_keeps_the_join_in_place)
{
    struct runtime runtime;
    struct parent parent;

    runtime_open(&runtime, _i);
    parent_init(&parent);
    edo_executor_spawn(&runtime.executor, &parent.task);
    runtime_run_for(&runtime, EDO_US(100));
    edo_wake(edo_task_waker(&parent.task));
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &parent.task), 0);
    ck_assert_int_eq(parent.future.state, EDO_DONE);
    ck_assert_uint_eq(parent.polls, 3);
    runtime_close(&runtime);
}
END_TEST

/* J9 */
START_TEST(a_million_tasks_are_spawned_yield_once_and_are_joined)
{
    struct runtime runtime;
    size_t count = a_million();
    struct fake *fakes = calloc(count, sizeof *fakes);
    struct edo_task *tasks = calloc(count, sizeof *tasks);
    struct edo_join_tasks join;
    struct edo_task joiner;

    runtime_open(&runtime, FD_VIRTUAL);
    for (size_t i = 0; i < count; i++) {
        fake_init(&fakes[i], 1);
        fakes[i].wakes_itself = true;
        edo_task_init(&tasks[i], "child", &fakes[i].future);
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    }
    edo_join_tasks_init(&join, tasks, count);
    edo_task_init(&joiner, "joiner", &join.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &joiner), 0);
    for (size_t i = 0; i < count; i++)
        if (fakes[i].polls != 2)
            ck_abort_msg("task %zu was polled %u times", i, fakes[i].polls);
    runtime_close(&runtime);
    free(tasks);
    free(fakes);
}
END_TEST

/* One, in its poll, cancels its join of the other; or somebody else cancels it. */
START_TEST(two_that_join_each_other_both_end_when_one_is_cancelled)
{
    struct runtime runtime;
    struct edo_task tasks[2];
    struct edo_join_tasks joins[2];
    struct edo_sleep sleep;
    struct edo_branch branches[2];
    struct edo_join race;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_join_tasks_init(&joins[0], &tasks[1], 1);
    edo_join_tasks_init(&joins[1], &tasks[0], 1);
    edo_sleep_init(&sleep, EDO_MS(1));
    branches[0].child = &joins[0].future;
    branches[1].child = &sleep.future;
    edo_race_init(&race, branches, 2, 0);
    edo_task_init(&tasks[0], "races", &race.future);
    edo_task_init(&tasks[1], "joins", &joins[1].future);
    edo_executor_spawn(&runtime.executor, &tasks[1]);
    edo_executor_spawn(&runtime.executor, &tasks[0]);
    if (_i == 1) {
        edo_executor_turn_now(&runtime.executor);
        edo_task_cancel(&tasks[0]);
    }
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* async fn defiant(other) { PENDING; on cancel: cancel(other) } */
struct defiant {
    struct edo_future future;
    struct edo_task task;
    struct edo_task *other;
    enum edo_poll told;
};

static enum edo_poll defiant_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll defiant_cancel(struct edo_future *self)
{
    struct defiant *defiant = edo_container_of(self, struct defiant, future);

    defiant->told = edo_task_cancel(defiant->other);
    return defiant->told;
}

static enum edo_poll defiant_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    const struct defiant *defiant = edo_container_of(self, struct defiant, future);

    (void)cx;
    return edo_task_is_live(defiant->other) ? EDO_PENDING : EDO_READY;
}

static void defiant_init(struct defiant *defiant, struct edo_task *other)
{
    static const struct edo_future_type type = {.name = "defiant",
                                                .poll = defiant_poll,
                                                .cancel = defiant_cancel,
                                                .poll_cancelled = defiant_poll_cancelled};

    *defiant = (struct defiant){.other = other, .told = EDO_PENDING};
    edo_future_init(&defiant->future, &type);
    edo_task_init(&defiant->task, "defiant", &defiant->future);
}

/* To its child: its joiner has not been called, and its memory is in use. */
START_TEST(while_it_is_cancelled_a_task_counts_as_ended)
{
    struct runtime runtime;
    struct edo_task parent;
    struct edo_join_tasks join;
    struct defiant child;
    struct counter joiner = {0};

    runtime_open(&runtime, _i);
    defiant_init(&child, &parent);
    edo_join_tasks_init(&join, &child.task, 1);
    edo_task_init(&parent, "parent", &join.future);
    parent.joiner = counting(&joiner);
    edo_executor_spawn(&runtime.executor, &child.task);
    edo_executor_spawn(&runtime.executor, &parent);
    edo_executor_turn_now(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_READY);
    ck_assert_int_eq(child.told, EDO_READY);
    ck_assert_uint_eq(joiner.wakes, 1);
    runtime_close(&runtime);
}
END_TEST

START_TEST(two_that_cancel_each_other_both_end)
{
    struct runtime runtime;
    struct defiant pair[2];

    runtime_open(&runtime, FD_VIRTUAL);
    for (int i = 0; i < 2; i++) {
        defiant_init(&pair[i], &pair[1 - i].task);
        edo_executor_spawn(&runtime.executor, &pair[i].task);
    }
    edo_executor_turn_now(&runtime.executor);
    if (_i == 1) {
        edo_task_cancel(&pair[0].task);
        ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    }
    runtime_close(&runtime);
}
END_TEST

START_TEST(who_polled_a_cancelled_join_last_is_woken)
{
    struct runtime runtime;
    struct counter first = {0}, last = {0};
    struct fake held;
    struct edo_shield shield;
    struct edo_task task;
    struct edo_join_tasks join;
    struct edo_context cx = {counting(&first), &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&held, 1);
    edo_shield_init(&shield, &held.future);
    edo_task_init(&task, "held", &shield.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    edo_join_tasks_init(&join, &task, 1);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&join.future), EDO_PENDING);
    cx.waker = counting(&last);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_PENDING);
    edo_wake(held.waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert(first.wakes == 0 && last.wakes == 1);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

/* Two owners and one who only looks, each by hand with a waker of its own. */
struct watched {
    struct runtime runtime;
    struct fake fakes[3], held;
    struct edo_shield shield;
    struct edo_task tasks[4]; /* one is held by a shield */
    struct edo_join_tasks owner, other, looker;
    struct counter owner_counter, other_counter, looker_counter;
    struct edo_context cx;
};

static void poll_join(struct watched *watched, struct edo_join_tasks *join, struct counter *counter)
{
    watched->cx.waker = counting(counter);
    ck_assert_int_eq(edo_future_poll(&join->future, &watched->cx), EDO_PENDING);
}

/* Only the looker waits for the one that is held: the owners wait for those before it. */
static void watched_open(struct watched *watched, int variant)
{
    memset(watched, 0, sizeof *watched);
    runtime_open(&watched->runtime, variant);
    watched->cx.executor = &watched->runtime.executor;
    watched->cx.reactor = &watched->runtime.executor.reactor;
    for (int i = 0; i < 3; i++) {
        fake_init(&watched->fakes[i], 100);
        edo_task_init(&watched->tasks[i < 2 ? i : 3], "task", &watched->fakes[i].future);
    }
    fake_init(&watched->held, 1);
    edo_shield_init(&watched->shield, &watched->held.future);
    edo_task_init(&watched->tasks[2], "held", &watched->shield.future);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(edo_executor_spawn(watched->cx.executor, &watched->tasks[i]), 0);
    ck_assert_int_eq(edo_executor_turn_now(watched->cx.executor), 0);
    edo_join_tasks_init(&watched->other, &watched->tasks[0], 3);
    edo_join_tasks_init(&watched->owner, &watched->tasks[1], 2);
    edo_await_tasks_init(&watched->looker, &watched->tasks[2], 2);
    poll_join(watched, &watched->other, &watched->other_counter);
    poll_join(watched, &watched->owner, &watched->owner_counter);
    poll_join(watched, &watched->looker, &watched->looker_counter);
}

static void end_held(struct watched *watched)
{
    edo_wake(watched->held.waker);
    while (edo_task_is_live(&watched->tasks[2]))
        ck_assert_int_eq(edo_executor_turn_now(watched->cx.executor), 0);
}

/* It may let go of the task at any time. */
START_TEST(an_owner_waits_behind_one_who_only_looks)
{
    enum { LOOKER_STAYS, LOOKER_GOES, OWNER_ASKS_AGAIN };
    struct watched watched;

    watched_open(&watched, FD_VIRTUAL);
    ck_assert_int_eq(edo_future_cancel(&watched.owner.future), EDO_PENDING);
    ck_assert_ptr_eq(watched.owner.future.awaiting, &watched.shield.future);
    if (_i == OWNER_ASKS_AGAIN)
        ck_assert_int_eq(edo_future_cancel(&watched.owner.future), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&watched.other.future), EDO_READY); /* the owner waits */
    if (_i == LOOKER_GOES)
        ck_assert_int_eq(edo_future_cancel(&watched.looker.future), EDO_READY);
    poll_join(&watched, &watched.owner, &watched.owner_counter);
    end_held(&watched);
    ck_assert_uint_eq(watched.owner_counter.wakes, 1);
    ck_assert_uint_eq(watched.looker_counter.wakes, _i != LOOKER_GOES);
    ck_assert_int_eq(edo_future_poll(&watched.owner.future, &watched.cx), EDO_READY);
    if (_i != LOOKER_GOES) {
        poll_join(&watched, &watched.looker, &watched.looker_counter); /* for the next task */
        edo_task_cancel(&watched.tasks[3]);
        ck_assert_uint_eq(watched.looker_counter.wakes, 2);
        ck_assert_int_eq(edo_future_poll(&watched.looker.future, &watched.cx), EDO_READY);
    }
    ck_assert_uint_eq(watched.owner_counter.wakes, 1);
    runtime_close(&watched.runtime);
}
END_TEST

/* It is decided anew: the task waits for who is being cancelled. */
START_TEST(an_owner_that_need_not_wait_any_more_leaves_its_place)
{
    struct watched watched;

    watched_open(&watched, FD_VIRTUAL);
    ck_assert_int_eq(edo_future_cancel(&watched.owner.future), EDO_PENDING);
    ck_assert_ptr_eq(watched.looker.owner, &watched.owner);
    watched.tasks[2].waits_for_outer = true;
    ck_assert_int_eq(edo_future_cancel(&watched.owner.future), EDO_READY);
    ck_assert_ptr_null(watched.looker.owner);
    ck_assert_ptr_eq(watched.tasks[2].joiner.data, &watched.looker);
    end_held(&watched);
    ck_assert_uint_eq(watched.owner_counter.wakes, 0);
    edo_future_cancel(&watched.looker.future);
    edo_future_cancel(&watched.other.future);
    runtime_close(&watched.runtime);
}
END_TEST

START_TEST(nobody_waits_behind_one_who_has_looked_at_a_task_that_is_over)
{
    struct watched watched;

    watched_open(&watched, FD_VIRTUAL);
    end_held(&watched);
    ck_assert_int_eq(edo_future_cancel(&watched.other.future), EDO_READY);
    ck_assert_uint_eq(watched.looker_counter.wakes, 1);
    edo_future_cancel(&watched.looker.future);
    edo_future_cancel(&watched.owner.future);
    runtime_close(&watched.runtime);
}
END_TEST

static void ignore(void *data, struct edo_cause cause)
{
    (void)data;
    (void)cause;
}

/* Though it has the address of the join, as one whose struct begins with it may. */
START_TEST(a_joiner_of_the_program_s_own_is_somebody_else)
{
    struct runtime runtime;
    struct fake fake;
    struct edo_task task;
    struct edo_join_tasks join;
    struct edo_context cx = {.executor = &runtime.executor};

    runtime_open(&runtime, FD_VIRTUAL);
    fake_init(&fake, 1);
    edo_task_init(&task, "task", &fake.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    task.joiner = (struct edo_waker){ignore, &join};
    edo_join_tasks_init(&join, &task, 1);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&join.future), -EBUSY);
    ck_assert_ptr_eq(task.joiner.data, &join);
    runtime_close(&runtime);
}
END_TEST

START_TEST(by_hand_a_task_that_was_not_spawned_can_not_be_joined)
{
    struct edo_context cx = {0};
    struct fake fake;
    struct edo_task task;
    struct edo_join_tasks join;

    fake_init(&fake, 1);
    edo_task_init(&task, "new", &fake.future);
    edo_join_tasks_init(&join, &task, 1);
    ck_assert_int_eq(edo_future_poll(&join.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&join.future), -EINVAL);
}
END_TEST

/* The first join has not seen yet that its task has ended. */
START_TEST(a_task_that_is_used_again_belongs_to_who_joins_it_now)
{
    struct runtime runtime;
    struct fake fakes[2];
    struct edo_task task;
    struct edo_join_tasks joins[2];
    struct counter counters[2] = {{0}};
    struct edo_context cx = {.executor = &runtime.executor};

    runtime_open(&runtime, FD_VIRTUAL);
    for (int i = 0; i < 2; i++) {
        fake_init(&fakes[i], (unsigned)i);
        edo_task_init(&task, "task", &fakes[i].future);
        ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
        edo_join_tasks_init(&joins[i], &task, 1);
        cx.waker = counting(&counters[i]);
        ck_assert_int_eq(edo_future_poll(&joins[i].future, &cx), EDO_PENDING);
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    }
    if (_i == 0) {
        ck_assert_int_eq(edo_future_poll(&joins[0].future, &cx), EDO_READY);
        ck_assert_int_eq(edo_future_error(&joins[0].future), -EBUSY);
        edo_wake(fakes[1].waker);
        ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    } else {
        edo_future_cancel(&joins[0].future);
        ck_assert(!edo_task_is_live(&task)); /* it does not know that it is another's */
    }
    ck_assert_uint_eq(counters[1].wakes, 1);
    runtime_close(&runtime);
}
END_TEST

Suite *join_tasks_suite(void)
{
    Suite *suite = suite_create("join_tasks");
    TCase *ready = tcase_create("ready");
    TCase *million = tcase_create("million");

    tcase_add_loop_test(ready, a_join_is_ready_when_the_last_task_has_ended, 0, VARIANTS);
    tcase_add_test(ready, a_join_of_no_tasks_is_ready_at_once);
    tcase_add_loop_test(ready, every_outcome_is_collected, 0, VARIANTS);
    tcase_add_loop_test(ready, cancelling_the_parent_cancels_the_tasks_it_joins, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(ready, a_join_that_only_looks_leaves_the_tasks_running, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_test(ready, a_cancelled_join_is_not_woken_by_the_tasks_it_cancels);
    tcase_add_loop_test(ready, a_child_that_cancels_its_parent_is_told_that_it_is_not_over_yet, 0,
                        VARIANTS);
    tcase_add_loop_test(ready, a_cancelled_join_leaves_alone_what_was_not_spawned_here, 0,
                        VARIANTS);
    tcase_add_loop_test(ready, a_task_has_one_joiner, 0, VARIANTS);
    tcase_add_loop_test(ready, a_cancelled_join_leaves_another_s_joiner_in_place, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(ready, being_polled_for_nothing_keeps_the_join_in_place, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(ready, two_that_join_each_other_both_end_when_one_is_cancelled, 0, 2);
    tcase_add_loop_test(ready, while_it_is_cancelled_a_task_counts_as_ended, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(ready, two_that_cancel_each_other_both_end, 0, 2);
    tcase_add_loop_test(ready, who_polled_a_cancelled_join_last_is_woken, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(ready, an_owner_waits_behind_one_who_only_looks, 0, 3);
    tcase_add_test(ready, an_owner_that_need_not_wait_any_more_leaves_its_place);
    tcase_add_test(ready, nobody_waits_behind_one_who_has_looked_at_a_task_that_is_over);
    tcase_add_test(ready, a_joiner_of_the_program_s_own_is_somebody_else);
    tcase_add_test(ready, by_hand_a_task_that_was_not_spawned_can_not_be_joined);
    tcase_add_loop_test(ready, a_task_that_is_used_again_belongs_to_who_joins_it_now, 0, 2);
    suite_add_tcase(suite, ready);

    tcase_add_test(million, a_million_tasks_are_spawned_yield_once_and_are_joined);
    suite_add_tcase(suite, million);
    return suite;
}
