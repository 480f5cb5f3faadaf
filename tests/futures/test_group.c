/* SPDX-License-Identifier: MIT */
/* Groups: members that come and go, and nothing that outlives the group. */
#include <string.h>

#include "helper.h"
#include "suites.h"

enum { MEMBERS = 3 };

/* async fn owner(group) {
 *     spawn three sleepers of 30, 10 and 20 ms;
 *     (what the test says)
 * } */
struct owner {
    struct edo_group group;
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleeps[MEMBERS];
    struct edo_member members[MEMBERS];
    struct edo_group_wait wait;
    struct edo_sleep nap;
    enum plan { IS_DONE, FAILS, AWAITS_EACH, AWAITS_ALL, NAPS } plan;
    char order[8]; /* the members as they ended */
};

static int spawn_members(struct owner *owner, struct edo_executor *executor)
{
    static const unsigned durations_ms[MEMBERS] = {30, 10, 20};
    static const char *const names[MEMBERS] = {"a", "b", "c"};
    int error = 0;

    for (int i = 0; i < MEMBERS && !error; i++) {
        edo_sleep_init(&owner->sleeps[i], EDO_MS(durations_ms[i]));
        edo_task_init(&owner->members[i].task, names[i], &owner->sleeps[i].future);
        error = edo_group_spawn(&owner->group, executor, &owner->members[i]);
    }
    return error;
}

static enum edo_poll await_each(struct owner *owner, struct edo_context *cx)
{
    for (;;) {
        const struct edo_member *member;

        if (edo_future_await(&owner->future, &owner->wait.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        ck_assert_int_eq(owner->wait.future.error, 0);
        member = edo_future_outcome(&owner->wait.future).value;
        if (member == NULL)
            return edo_future_done(&owner->future, NULL);
        owner->order[strlen(owner->order)] = *member->task.name;
        edo_group_next_init(&owner->wait, &owner->group);
    }
}

static enum edo_poll owner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct owner *owner = edo_container_of(self, struct owner, future);

    if (self->state == EDO_START) {
        ck_assert_int_eq(spawn_members(owner, cx->executor), 0);
        edo_group_next_init(&owner->wait, &owner->group);
        if (owner->plan == AWAITS_ALL)
            edo_group_all_init(&owner->wait, &owner->group);
        edo_sleep_init(&owner->nap, EDO_MS(15));
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    switch (owner->plan) {
    case IS_DONE:
        return edo_future_done(self, owner);
    case FAILS:
        return edo_future_fail(self, -EIO);
    case AWAITS_EACH:
        return await_each(owner, cx);
    case AWAITS_ALL:
        if (edo_future_await(self, &owner->wait.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        ck_assert(edo_list_is_empty(&owner->group.live));
        return edo_future_done(self, NULL);
    case NAPS:
        if (edo_future_await(self, &owner->nap.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        return edo_future_fail(self, -EIO);
    }
    return EDO_PENDING;
}

static void owner_init(struct owner *owner, enum plan plan)
{
    static const struct edo_future_type type = {.name = "owner", .poll = owner_poll};

    *owner = (struct owner){.plan = plan};
    edo_future_init(&owner->future, &type);
    edo_group_init(&owner->group, &owner->future);
    edo_task_init(&owner->task, "owner", &owner->group.future);
}

static enum edo_outcome_kind kind_of(const struct owner *owner, int i)
{
    return edo_future_outcome(owner->members[i].task.future).kind;
}

START_TEST(a_group_of_nobody_ends_as_its_owner_does)
{
    struct edo_group group;
    struct fake owner;
    struct edo_context cx = {0};

    fake_init(&owner, 0);
    edo_group_init(&group, &owner.future);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_READY);
    ck_assert_ptr_eq(edo_future_outcome(&group.future).value, &owner);

    fake_init(&owner, 0);
    owner.error = -EIO;
    edo_group_init(&group, &owner.future);
    edo_future_poll(&group.future, &cx);
    ck_assert_int_eq(group.future.error, -EIO);
}
END_TEST

START_TEST(when_the_owner_is_done_the_members_are_waited_for)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, IS_DONE);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(30));
    ck_assert_ptr_eq(edo_future_outcome(&owner.group.future).value, &owner);
    /* not woken for each member */
    ck_assert_uint_eq(runtime.executor.polls, 2 + 2 * MEMBERS);
    for (int i = 0; i < MEMBERS; i++)
        ck_assert_int_eq(kind_of(&owner, i), EDO_OUTCOME_OK);
    ck_assert_str_eq(edo_group_take(&owner.group)->task.name, "b");
    ck_assert_str_eq(edo_group_take(&owner.group)->task.name, "c");
    ck_assert_str_eq(edo_group_take(&owner.group)->task.name, "a");
    ck_assert_ptr_null(edo_group_take(&owner.group));
    runtime_close(&runtime);
}
END_TEST

/* J7 */
START_TEST(when_the_owner_fails_the_members_are_cancelled_first)
{
    struct runtime runtime;
    struct owner owner;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    owner_init(&owner, NAPS);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(15));
    ck_assert_int_eq(owner.group.future.error, -EIO);
    ck_assert_int_eq(kind_of(&owner, 0), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(kind_of(&owner, 1), EDO_OUTCOME_OK);
    ck_assert_int_eq(kind_of(&owner, 2), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(count_fds(), fds);
    runtime_close(&runtime);
}
END_TEST

/* J7: before a member was even polled. */
START_TEST(an_owner_that_fails_at_once_leaves_nobody_behind)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, FAILS);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    for (int i = 0; i < MEMBERS; i++)
        ck_assert_int_eq(kind_of(&owner, i), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(runtime_now(&runtime), 0);
    runtime_close(&runtime);
}
END_TEST

/* J7 */
START_TEST(cancelling_the_owner_s_task_cancels_the_members)
{
    struct runtime runtime;
    struct owner owner;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    runtime_run_for(&runtime, EDO_MS(15));
    ck_assert_int_eq(edo_task_cancel(&owner.task), EDO_READY);
    ck_assert_int_eq(kind_of(&owner, 0), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(kind_of(&owner, 1), EDO_OUTCOME_OK);
    ck_assert_int_eq(owner.future.state, EDO_CANCELLED);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_str_eq(owner.order, "b");
    runtime_close(&runtime);
}
END_TEST

START_TEST(members_are_awaited_one_by_one_as_they_end)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_str_eq(owner.order, "bca");
    runtime_close(&runtime);
}
END_TEST

START_TEST(all_are_awaited_at_once)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_ALL);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_int_eq(owner.wait.future.state, EDO_DONE);
    ck_assert_ptr_null(edo_future_outcome(&owner.wait.future).value);
    ck_assert_uint_ge(runtime_now(&runtime), EDO_MS(30));
    ck_assert_ptr_nonnull(edo_group_take(&owner.group));
    ck_assert_ptr_nonnull(edo_group_take(&owner.group));
    ck_assert_ptr_nonnull(edo_group_take(&owner.group));
    runtime_close(&runtime);
}
END_TEST

START_TEST(all_can_be_cancelled_and_the_owner_goes_on)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    runtime_run_for(&runtime, EDO_MS(5));
    edo_group_cancel(&owner.group);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(5));
    ck_assert_str_eq(owner.order, "abc");
    ck_assert_int_eq(owner.group.future.state, EDO_DONE);
    for (int i = 0; i < MEMBERS; i++)
        ck_assert_int_eq(kind_of(&owner, i), EDO_OUTCOME_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* A member by its handle, another by its name. */
START_TEST(one_member_can_be_cancelled_and_the_owner_sees_it)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    runtime_run_for(&runtime, EDO_MS(5));
    edo_task_cancel(&owner.members[0].task);
    edo_task_cancel(find_task(&runtime.executor, "c"));
    ck_assert_ptr_null(find_task(&runtime.executor, "c"));
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_str_eq(owner.order, "acb");
    ck_assert_int_eq(kind_of(&owner, 2), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(kind_of(&owner, 1), EDO_OUTCOME_OK);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_member_that_a_shield_holds_holds_the_group)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_shield shield;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    edo_executor_turn(&runtime.executor);
    edo_shield_init(&shield, &owner.sleeps[0].future); /* 30 ms; its task was not polled yet */
    owner.members[0].task.future = &shield.future;
    runtime_run_for(&runtime, EDO_MS(5));
    ck_assert_int_eq(edo_task_cancel(&owner.task), EDO_PENDING);
    ck_assert_int_eq(kind_of(&owner, 1), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(owner.future.state, EDO_CANCELLED);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(30));
    ck_assert_int_eq(owner.group.future.state, EDO_CANCELLED);
    ck_assert_int_eq(kind_of(&owner, 0), EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(owner.sleeps[0].future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* A member that is done at its first poll, spawned before the group was polled. */
static void spawn_early(struct owner *owner, struct edo_executor *executor,
                        struct edo_member *early, struct fake *fake)
{
    fake_init(fake, 0);
    edo_task_init(&early->task, "early", &fake->future);
    ck_assert_int_eq(edo_group_spawn(&owner->group, executor, early), 0);
}

START_TEST(a_member_spawned_before_the_group_runs_begins_with_it)
{
    struct runtime runtime;
    struct owner owner;
    struct fake fake;
    struct edo_member early;

    runtime_open(&runtime, _i);
    owner_init(&owner, IS_DONE);
    spawn_early(&owner, &runtime.executor, &early, &fake);
    ck_assert_uint_eq(fake.polls, 0);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_uint_eq(fake.polls, 1);
    ck_assert_ptr_eq(edo_group_take(&owner.group), &early);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_member_of_a_group_that_never_runs_never_begins)
{
    struct runtime runtime;
    struct owner owner;
    struct fake fake;
    struct edo_member early;

    runtime_open(&runtime, _i);
    owner_init(&owner, NAPS);
    spawn_early(&owner, &runtime.executor, &early, &fake);
    ck_assert_int_eq(edo_future_cancel(&owner.group.future), EDO_READY);
    ck_assert_int_eq(early.task.state, EDO_TASK_NEW);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(fake.polls, 0);
    runtime_close(&runtime);
}
END_TEST

/* A server: its connections come and go, and it waits for the next end though none is left. */
START_TEST(a_next_may_wait_for_a_member_that_comes_later)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_group_wait wait;
    struct fake fake;
    struct edo_member member;
    struct edo_task waiter;

    runtime_open(&runtime, _i);
    owner_init(&owner, NAPS);
    edo_executor_spawn(&runtime.executor, &owner.task);
    edo_executor_turn(&runtime.executor);
    edo_group_cancel(&owner.group);
    while (edo_group_take(&owner.group) != NULL)
        ;
    edo_group_next_or_later_init(&wait, &owner.group);
    edo_task_init(&waiter, "waiter", &wait.future);
    edo_executor_spawn(&runtime.executor, &waiter);
    edo_executor_turn(&runtime.executor);
    ck_assert(edo_task_is_live(&waiter));
    fake_init(&fake, 0);
    edo_task_init(&member.task, "later", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&owner.group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &waiter), 0);
    ck_assert_ptr_eq(edo_future_outcome(&wait.future).value, &member);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* Its task may be gone by then. */
START_TEST(who_no_longer_waits_for_a_member_is_not_woken)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_group_wait wait;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    runtime_open(&runtime, _i);
    owner_init(&owner, NAPS);
    edo_executor_spawn(&runtime.executor, &owner.task);
    edo_executor_turn(&runtime.executor);
    cx.executor = &runtime.executor;
    cx.reactor = &runtime.executor.reactor;
    edo_group_next_init(&wait, &owner.group);
    ck_assert_int_eq(edo_future_poll(&wait.future, &cx), EDO_PENDING);
    edo_future_cancel(&wait.future);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(counter.wakes, 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(spawning_too_late_is_refused)
{
    struct runtime runtime;
    struct owner owner;
    struct fake fake;
    struct edo_member late;

    runtime_open(&runtime, _i);
    owner_init(&owner, NAPS);
    fake_init(&fake, 0);
    edo_task_init(&late.task, "late", &fake.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_int_eq(edo_group_spawn(&owner.group, &runtime.executor, &late), -ESHUTDOWN);
    ck_assert_int_eq(late.task.state, EDO_TASK_NEW);

    owner_init(&owner, AWAITS_ALL);
    edo_executor_spawn(&runtime.executor, &owner.task);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_group_spawn(&owner.group, &runtime.executor, &owner.members[0]), -EBUSY);
    ck_assert_int_eq(edo_group_spawn(&owner.group, &runtime.executor, &late), 0);
    edo_executor_run(&runtime.executor);
    ck_assert_int_eq(fake.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* Its first member is under a shield, for 30 ms. */
static void spawn_shielded(struct runtime *runtime, struct owner *owner, enum plan plan,
                           struct edo_shield *shield)
{
    owner_init(owner, plan);
    edo_executor_spawn(&runtime->executor, &owner->task);
    edo_executor_turn(&runtime->executor);
    edo_shield_init(shield, &owner->sleeps[0].future); /* its task was not polled yet */
    owner->members[0].task.future = &shield->future;
}

static int spawn_late(struct runtime *runtime, struct owner *owner)
{
    struct fake fake;
    struct edo_member late;
    int error;

    fake_init(&fake, 0);
    edo_task_init(&late.task, "late", &fake.future);
    error = edo_group_spawn(&owner->group, &runtime->executor, &late);
    ck_assert_int_eq(late.task.state, EDO_TASK_NEW);
    return error;
}

START_TEST(while_its_cancel_is_pending_a_group_takes_nobody)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_shield shield;

    runtime_open(&runtime, _i);
    spawn_shielded(&runtime, &owner, AWAITS_EACH, &shield);
    runtime_run_for(&runtime, EDO_MS(5));
    ck_assert_int_eq(edo_task_cancel(&owner.task), EDO_PENDING);
    ck_assert_int_eq(spawn_late(&runtime, &owner), -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* The owner has failed, 15 ms on, and a member is not released yet. */
START_TEST(once_its_owner_has_failed_a_group_takes_nobody)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_shield shield;

    runtime_open(&runtime, _i);
    spawn_shielded(&runtime, &owner, NAPS, &shield);
    runtime_run_for(&runtime, EDO_MS(20));
    ck_assert_int_eq(owner.future.error, -EIO);
    ck_assert(edo_task_is_live(&owner.task));
    ck_assert_int_eq(spawn_late(&runtime, &owner), -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(30));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_task_that_was_used_is_no_member_of_a_group_that_has_not_begun)
{
    struct runtime runtime;
    struct owner owner;
    struct fake fake;
    struct edo_member used;

    runtime_open(&runtime, _i);
    owner_init(&owner, IS_DONE);
    fake_init(&fake, 0);
    edo_task_init(&used.task, "used", &fake.future);
    edo_executor_block_on(&runtime.executor, &used.task);
    ck_assert_int_eq(edo_group_spawn(&owner.group, &runtime.executor, &used), -EINVAL);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    runtime_close(&runtime);
}
END_TEST

/* The owner's cancel is pending itself: a shield is around it. */
START_TEST(while_its_owner_is_under_a_shield_a_cancelled_group_takes_nobody)
{
    struct runtime runtime;
    struct edo_group group;
    struct edo_shield shield;
    struct fake owner, fake;
    struct edo_member late;
    struct edo_context cx = {{0}, &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 1);
    edo_shield_init(&shield, &owner.future);
    edo_group_init(&group, &shield.future);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&group.future), EDO_PENDING);
    fake_init(&fake, 0);
    edo_task_init(&late.task, "late", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &late), -ESHUTDOWN);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

/* Its future has ended by then, or its task runs already: the group has it as one that ended. */
START_TEST(a_member_that_can_not_begin_is_cancelled_and_holds_nobody)
{
    struct runtime runtime;
    struct owner owner;
    struct fake fake;
    struct edo_member early;

    runtime_open(&runtime, _i);
    owner_init(&owner, NAPS);
    spawn_early(&owner, &runtime.executor, &early, &fake);
    fake.pending = 100;
    if (_i % 2 == 0)
        edo_future_cancel(&fake.future);
    else
        edo_executor_spawn(&runtime.executor, &early.task);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_int_eq(edo_future_outcome(&fake.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_ptr_eq(edo_group_take(&owner.group), &early);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* For any other member's end the group has nothing to do. */
START_TEST(a_group_is_woken_for_its_last_member_and_only_once_its_owner_has_ended)
{
    struct runtime runtime;
    struct counter counter = {0};
    struct edo_group group;
    struct fake owner, fakes[3];
    struct edo_member members[3];
    struct edo_context cx = {counting(&counter), &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 1);
    edo_group_init(&group, &owner.future);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    for (int i = 0; i < 3; i++) {
        fake_init(&fakes[i], i > 0 ? 1 : 0);
        edo_task_init(&members[i].task, "member", &fakes[i].future);
        ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &members[i]), 0);
        edo_executor_turn(&runtime.executor);
    }
    ck_assert(!edo_task_is_live(&members[0].task)); /* then there was nobody left, for a while */
    ck_assert_uint_eq(counter.wakes, 0);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING); /* the owner is done */
    for (unsigned i = 1; i < 3; i++) {
        edo_wake(fakes[i].waker);
        edo_executor_turn(&runtime.executor);
        ck_assert_uint_eq(counter.wakes, i - 1);
    }
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

START_TEST(who_polled_a_cancelled_group_last_is_woken)
{
    struct runtime runtime;
    struct counter first = {0}, last = {0};
    struct edo_group group;
    struct fake owner, held;
    struct edo_shield shield;
    struct edo_member member;
    struct edo_context cx = {counting(&first), &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 0);
    fake_init(&held, 1);
    edo_shield_init(&shield, &held.future);
    edo_task_init(&member.task, "member", &shield.future);
    edo_group_init(&group, &owner.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_future_cancel(&group.future), EDO_PENDING);
    cx.waker = counting(&last);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    edo_wake(held.waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(last.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

START_TEST(one_at_a_time_waits_for_members)
{
    struct runtime runtime;
    struct owner owner;
    struct edo_group_wait second;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_ALL);
    edo_executor_spawn(&runtime.executor, &owner.task);
    edo_executor_turn(&runtime.executor);
    edo_group_next_init(&second, &owner.group);
    ck_assert_int_eq(runtime_await(&runtime, &second.future).error, -EBUSY);
    edo_executor_run(&runtime.executor);
    ck_assert_int_eq(owner.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

/* async fn { cancel(my group's owner) } */
struct rebel {
    struct edo_future future;
    struct edo_task *victim;
    int answer;
};

static enum edo_poll rebel_poll(struct edo_future *self, struct edo_context *cx)
{
    struct rebel *rebel = edo_container_of(self, struct rebel, future);

    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    rebel->answer = (int)edo_task_cancel(rebel->victim);
    return EDO_PENDING;
}

/* C1 */
START_TEST(a_member_may_cancel_the_whole_group_it_is_in)
{
    static const struct edo_future_type type = {.name = "rebel", .poll = rebel_poll};
    struct runtime runtime;
    struct owner owner;
    struct rebel rebel = {.victim = &owner.task};
    struct edo_member member;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    runtime_run_for(&runtime, EDO_MS(5));
    edo_future_init(&rebel.future, &type);
    edo_task_init(&member.task, "rebel", &rebel.future);
    edo_group_spawn(&owner.group, &runtime.executor, &member);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &owner.task), 0);
    ck_assert_int_eq(rebel.answer, EDO_PENDING);
    ck_assert_int_eq(rebel.future.state, EDO_CANCELLED);
    ck_assert_int_eq(owner.group.future.state, EDO_CANCELLED);
    ck_assert(edo_list_is_empty(&owner.group.live));
    runtime_close(&runtime);
}
END_TEST

/* E8 */
START_TEST(closing_the_executor_ends_all_of_it)
{
    struct runtime runtime;
    struct owner owner;

    runtime_open(&runtime, _i);
    owner_init(&owner, AWAITS_EACH);
    edo_executor_spawn(&runtime.executor, &owner.task);
    runtime_run_for(&runtime, EDO_MS(5));
    runtime_close(&runtime);
    ck_assert_int_eq(owner.group.future.state, EDO_CANCELLED);
    ck_assert(edo_list_is_empty(&owner.group.live));
}
END_TEST

/* J9 */
START_TEST(a_hundred_thousand_members_come_and_go)
{
    enum { MANY = 100000 };
    struct runtime runtime;
    struct fake owner;
    struct fake *fakes = calloc(MANY, sizeof *fakes);
    struct edo_member *members = calloc(MANY, sizeof *members);
    struct edo_group group;
    struct edo_task task;

    runtime_open(&runtime, FD_VIRTUAL);
    fake_init(&owner, 1);
    edo_group_init(&group, &owner.future);
    edo_task_init(&task, "owner", &group.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    for (int i = 0; i < MANY; i++) {
        fake_init(&fakes[i], 1);
        fakes[i].wakes_itself = true;
        edo_task_init(&members[i].task, "member", &fakes[i].future);
        edo_group_spawn(&group, &runtime.executor, &members[i]);
    }
    edo_wake(owner.waker);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_le(runtime.executor.polls, 2 * MANY + 3); /* the owner not once for each */
    ck_assert_ptr_eq(edo_group_take(&group), &members[0]);
    runtime_close(&runtime);
    free(members);
    free(fakes);
}
END_TEST

START_TEST(a_member_that_was_cancelled_before_the_group_runs_has_ended_when_it_begins)
{
    struct runtime runtime;
    struct edo_group group;
    struct edo_member member;
    struct fake owner, fake;

    runtime_open(&runtime, _i);
    fake_init(&owner, 0);
    fake_init(&fake, 0);
    edo_group_init(&group, &owner.future);
    edo_task_init(&member.task, "member", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    edo_task_cancel(&member.task);
    ck_assert_int_eq(runtime_await(&runtime, &group.future).kind, EDO_OUTCOME_OK);
    ck_assert_ptr_eq(edo_group_take(&group), &member);
    ck_assert_uint_eq(fake.polls, 0);
    edo_group_init(&group, &owner.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), -EINVAL); /* used */
    runtime_close(&runtime);
}
END_TEST

/* An owner and a member that only the test can end: a shield holds them. */
struct held {
    struct edo_group group;
    struct edo_task task;
    struct fake fakes[2];
    struct edo_shield shields[2];
    struct edo_member member, late;
};

static void spawn_held(struct held *held, struct edo_executor *executor, struct edo_future *owner)
{
    for (int i = 0; i < 2; i++) {
        fake_init(&held->fakes[i], 2);
        edo_shield_init(&held->shields[i], &held->fakes[i].future);
    }
    edo_group_init(&held->group, owner);
    edo_task_init(&held->task, "group", &held->group.future);
    edo_task_init(&held->member.task, "member", &held->shields[1].future);
    edo_task_init(&held->late.task, "late", &held->shields[1].future);
    ck_assert_int_eq(edo_executor_spawn(executor, &held->task), 0);
    ck_assert_int_eq(edo_group_spawn(&held->group, executor, &held->member), 0);
    ck_assert_int_eq(edo_executor_turn_now(executor), 0);
    ck_assert_int_eq(edo_executor_turn_now(executor), 0);
}

START_TEST(a_group_whose_owner_has_failed_takes_no_more_members)
{
    struct runtime runtime;
    struct held held;
    struct fake owner;

    runtime_open(&runtime, _i);
    fake_init(&owner, 1);
    owner.wakes_itself = true;
    owner.error = -EIO;
    spawn_held(&held, &runtime.executor, &owner.future);
    ck_assert_int_eq(held.group.future.state, EDO_FIRST_AWAIT + 1); /* for the member */
    ck_assert_int_eq(edo_group_spawn(&held.group, &runtime.executor, &held.late), -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0); /* it is still held */
    edo_wake(held.fakes[1].waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(held.group.future.error, -EIO);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_group_that_is_being_cancelled_takes_no_more_members)
{
    struct runtime runtime;
    struct held held;

    runtime_open(&runtime, _i);
    spawn_held(&held, &runtime.executor, &held.shields[0].future);
    ck_assert_int_eq(edo_task_cancel(&held.task), EDO_PENDING);
    ck_assert_int_eq(edo_group_spawn(&held.group, &runtime.executor, &held.late), -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0); /* both are still held */
    edo_wake(held.fakes[0].waker);
    edo_wake(held.fakes[1].waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(held.group.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

/* Two that wait for each other: whoever is ended first, the other ends as well. */
START_TEST(a_member_that_joins_its_group_s_task_holds_nobody)
{
    enum { CLOSE, CANCEL_MEMBER, CANCEL_GROUP, OWNER_FAILS };
    struct runtime runtime;
    struct edo_group group;
    struct edo_task task;
    struct fake owner;
    struct edo_join_tasks join;
    struct edo_member member;

    runtime_open(&runtime, FD_VIRTUAL);
    fake_init(&owner, _i == OWNER_FAILS ? 1 : 100);
    owner.wakes_itself = _i == OWNER_FAILS;
    owner.error = -EIO;
    edo_group_init(&group, &owner.future);
    edo_task_init(&task, "group", &group.future);
    edo_join_tasks_init(&join, &task, 1);
    edo_task_init(&member.task, "member", &join.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    edo_executor_turn_now(&runtime.executor);
    edo_executor_turn_now(&runtime.executor);
    if (_i == CANCEL_MEMBER)
        edo_task_cancel(&member.task);
    else if (_i == CANCEL_GROUP)
        edo_task_cancel(&task);
    if (_i != CLOSE)
        ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
    ck_assert(edo_future_has_ended(&group.future) && edo_future_has_ended(&join.future));
}
END_TEST

/* The member does not wait for the group, but the group for the member, whatever holds that. */
START_TEST(a_group_does_not_end_before_a_member_that_joins_its_task)
{
    struct runtime runtime;
    struct edo_group group;
    struct edo_task task;
    struct fake owner;
    struct edo_sleep sleep;
    struct edo_shield shield;
    struct edo_join_tasks join_tasks;
    struct edo_branch branches[2];
    struct edo_join join;
    struct edo_member member;

    runtime_open(&runtime, FD_VIRTUAL);
    fake_init(&owner, 100);
    edo_group_init(&group, &owner.future);
    edo_task_init(&task, "group", &group.future);
    edo_sleep_init(&sleep, EDO_MS(1));
    edo_shield_init(&shield, &sleep.future);
    edo_join_tasks_init(&join_tasks, &task, 1);
    branches[0].child = &shield.future;
    branches[1].child = &join_tasks.future;
    edo_join_init(&join, branches, 2);
    edo_task_init(&member.task, "member", &join.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    edo_executor_turn_now(&runtime.executor);
    edo_executor_turn_now(&runtime.executor);
    if (_i == 1) {
        ck_assert_int_eq(edo_task_cancel(&member.task), EDO_PENDING);
        ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
        ck_assert(!edo_task_is_live(&member.task));
        ck_assert_ptr_eq(edo_group_take(&group), &member);
    }
    runtime_close(&runtime);
    ck_assert(edo_future_has_ended(&group.future) && !edo_task_is_live(&member.task));
}
END_TEST

START_TEST(a_group_that_is_cancelled_before_it_begins_gives_its_members_back)
{
    struct edo_group group, begun;
    struct fake owner, other, fake, done;
    struct edo_member member, used;
    struct edo_context cx = {0};

    fake_init(&owner, 0);
    fake_init(&other, 1);
    fake_init(&fake, 0);
    edo_group_init(&group, &owner.future);
    edo_task_init(&member.task, "member", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, NULL, &member), 0);
    ck_assert_int_eq(edo_group_spawn(&group, NULL, &member), -EBUSY);
    fake_init(&done, 0);
    ck_assert_int_eq(edo_future_poll(&done.future, &cx), EDO_READY);
    edo_task_init(&used.task, "used", &done.future);
    ck_assert_int_eq(edo_group_spawn(&group, NULL, &used), -EINVAL);
    edo_group_init(&begun, &other.future);
    edo_future_poll(&begun.future, &cx); /* by hand: without an executor */
    ck_assert_int_eq(edo_group_spawn(&begun, NULL, &member), -EBUSY);
    ck_assert_int_eq(edo_group_cancel(&group), EDO_READY);
    ck_assert_int_eq(fake.future.state, EDO_CANCELLED);
    ck_assert_ptr_eq(edo_group_take(&group), &member);
    ck_assert_ptr_null(edo_group_take(&group));
    ck_assert_int_eq(edo_group_cancel(&group), EDO_READY);
}
END_TEST

struct again {
    struct edo_group *group;
    unsigned wakes, pending;
};

static void cancel_again(void *data, struct edo_cause cause)
{
    struct again *again = data;

    (void)cause;
    again->wakes++;
    again->pending += edo_group_cancel(again->group) == EDO_PENDING;
}

/* D6 */
START_TEST(a_waker_that_cancels_the_group_meanwhile_is_told_that_members_live)
{
    struct runtime runtime;
    struct edo_group group;
    struct fake owner, fakes[MEMBERS];
    struct edo_member members[MEMBERS];
    struct edo_group_wait next;
    struct again again = {.group = &group};
    struct edo_context cx = {{0}, &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 100);
    edo_group_init(&group, &owner.future);
    for (int i = 0; i < MEMBERS; i++) {
        fake_init(&fakes[i], 100);
        edo_task_init(&members[i].task, "member", &fakes[i].future);
        ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &members[i]), 0);
    }
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    edo_group_next_init(&next, &group);
    cx.waker = (struct edo_waker){cancel_again, &again};
    ck_assert_int_eq(edo_future_poll(&next.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_group_cancel(&group), EDO_READY);
    ck_assert_uint_eq(again.wakes, MEMBERS);
    ck_assert_uint_eq(again.pending, MEMBERS - 1);
    edo_future_cancel(&next.future);
    ck_assert_int_eq(edo_future_cancel(&group.future), EDO_READY);
    runtime_close(&runtime);
}
END_TEST

static void cancel_task(void *data, struct edo_cause cause)
{
    (void)cause;
    edo_task_cancel(data);
}

/* D6: one of them joins that task, and neither must wait for the other. */
START_TEST(a_waker_that_cancels_the_groups_task_meanwhile_has_all_its_members)
{
    struct runtime runtime;
    struct edo_group group;
    struct edo_task task;
    struct fake owner, fake;
    struct edo_join_tasks join;
    struct edo_member first, joins_group;
    struct edo_group_wait next;
    struct edo_context cx = {{cancel_task, &task}, &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 100);
    fake_init(&fake, 100);
    edo_group_init(&group, &owner.future);
    edo_task_init(&task, "group", &group.future);
    edo_join_tasks_init(&join, &task, 1);
    edo_task_init(&first.task, "first", &fake.future);
    edo_task_init(&joins_group.task, "joins its group", &join.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &first), 0);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &joins_group), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    edo_group_next_init(&next, &group);
    ck_assert_int_eq(edo_future_poll(&next.future, &cx), EDO_PENDING);
    edo_group_cancel(&group);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert(!edo_task_is_live(&task) && !edo_task_is_live(&joins_group.task));
    edo_future_cancel(&next.future);
    runtime_close(&runtime);
}
END_TEST

/* A leaf that writes down its cancel. */
struct scribe {
    struct edo_future future;
    char letter;
    char *text;
};

static enum edo_poll scribe_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll scribe_cancel(struct edo_future *self)
{
    const struct scribe *scribe = edo_container_of(self, struct scribe, future);

    scribe->text[strlen(scribe->text)] = scribe->letter;
    return EDO_READY;
}

static void scribe_init(struct scribe *scribe, char letter, char *text)
{
    static const struct edo_future_type type = {
        .name = "scribe", .poll = scribe_poll, .cancel = scribe_cancel};

    scribe->letter = letter;
    scribe->text = text;
    edo_future_init(&scribe->future, &type);
}

/* D5: by a timeout, by its task's cancel, by the close. A member may use what the owner holds. */
START_TEST(however_a_group_is_cancelled_its_members_come_before_its_owner)
{
    struct runtime runtime;
    struct scribe owner, member;
    struct edo_group group;
    struct edo_timeout timeout;
    struct edo_member members[1];
    struct edo_task task;
    char text[4] = "";

    runtime_open(&runtime, FD_VIRTUAL);
    scribe_init(&owner, 'o', text);
    scribe_init(&member, 'm', text);
    edo_group_init(&group, &owner.future);
    edo_timeout_init(&timeout, &group.future, EDO_MS(1));
    edo_task_init(&task, "group", &timeout.future);
    edo_task_init(&members[0].task, "member", &member.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &members[0]), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    if (_i == 0)
        ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    else if (_i == 1)
        ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    runtime_close(&runtime);
    ck_assert_str_eq(text, "mo");
}
END_TEST

/* So often that the number of the first cancel comes again. */
static void cancel_others(struct edo_executor *executor)
{
    for (int i = 0; i < UINT8_MAX - 1; i++) {
        struct fake fake;
        struct edo_task task;

        fake_init(&fake, 1);
        edo_task_init(&task, "another", &fake.future);
        ck_assert_int_eq(edo_executor_spawn(executor, &task), 0);
        ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    }
}

/* M joins the task of its group G. It has long been cancelled when somebody else, who joins G, is.
 */
START_TEST(who_joins_a_group_waits_for_it_whoever_was_cancelled_before)
{
    struct runtime runtime;
    struct edo_sleep owner, held;
    struct edo_shield shield;
    struct edo_group group;
    struct edo_task task, late;
    struct edo_join_tasks joins[2];
    struct edo_member joins_group, is_held;

    runtime_open(&runtime, FD_VIRTUAL);
    edo_sleep_init(&owner, EDO_S(1));
    edo_sleep_init(&held, EDO_MS(10));
    edo_shield_init(&shield, &held.future);
    edo_group_init(&group, &owner.future);
    edo_task_init(&task, "group", &group.future);
    edo_join_tasks_init(&joins[0], &task, 1);
    edo_task_init(&joins_group.task, "joins its group", &joins[0].future);
    edo_task_init(&is_held.task, "is held", &shield.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &joins_group), 0);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &is_held), 0);
    runtime_run_for(&runtime, EDO_MS(1));
    ck_assert_int_eq(edo_task_cancel(&joins_group.task), EDO_READY);
    runtime_run_for(&runtime, EDO_MS(1));
    edo_join_tasks_init(&joins[1], &task, 1);
    edo_task_init(&late, "joins it, too", &joins[1].future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &late), 0);
    runtime_run_for(&runtime, EDO_MS(1));
    if (_i == 1)
        cancel_others(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&late), EDO_PENDING);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &late), 0);
    ck_assert(!edo_task_is_live(&task));
    runtime_close(&runtime);
}
END_TEST

/* M joins a rebel, who cancels it and is held, and the task of its group G. When M is cancelled
 * once more, G has been polled, and waits for M all the same. */
START_TEST(who_joins_its_own_group_does_not_wait_for_it_however_often_it_is_cancelled)
{
    static const struct edo_future_type type = {.name = "rebel", .poll = rebel_poll};
    struct runtime runtime;
    struct fake owner, held, step;
    struct edo_shield shield;
    struct edo_group group;
    struct edo_task tasks[2];
    struct edo_join_tasks join_tasks;
    struct edo_branch branches[2];
    struct edo_join join;
    struct edo_member member;
    struct rebel rebel = {.victim = &member.task};
    struct edo_future *steps[2] = {&step.future, &rebel.future};
    struct sequence sequence;

    runtime_open(&runtime, _i);
    fake_init(&owner, 100);
    fake_init(&held, 1);
    fake_init(&step, 1);
    edo_future_init(&rebel.future, &type);
    sequence_init(&sequence, steps, 2);
    edo_shield_init(&shield, &held.future);
    edo_group_init(&group, &owner.future);
    branches[0].child = &shield.future;
    branches[1].child = &sequence.future;
    edo_join_init(&join, branches, 2);
    edo_task_init(&tasks[0], "rebel", &join.future);
    edo_task_init(&tasks[1], "group", &group.future);
    edo_join_tasks_init(&join_tasks, tasks, 2);
    edo_task_init(&member.task, "joins its group", &join_tasks.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &tasks[i]), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    edo_wake(step.waker);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_task_cancel(&member.task), EDO_PENDING);
    edo_wake(held.waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* async fn { cancel(victim) } */
static enum edo_poll rebel_poll_once(struct edo_future *self, struct edo_context *cx)
{
    struct rebel *rebel = edo_container_of(self, struct rebel, future);

    (void)cx;
    rebel->answer = (int)edo_task_cancel(rebel->victim);
    return edo_future_done(self, NULL);
}

/* M, who has ended by now, had joined the task of its group G, which is held. In its poll G cancels
 * who joins it. */
START_TEST(who_joins_a_group_waits_for_it_also_if_cancelled_in_its_poll)
{
    static const struct edo_future_type type = {.name = "rebel", .poll = rebel_poll_once};
    struct runtime runtime;
    struct fake steps[2];
    struct edo_task task, late;
    struct rebel rebel = {.victim = &late};
    struct edo_future *held[3] = {&steps[0].future, &rebel.future, &steps[1].future};
    struct sequence sequence;
    struct edo_shield shield;
    struct edo_group group;
    struct edo_join_tasks joins[2];
    struct edo_member member;

    runtime_open(&runtime, _i);
    fake_init(&steps[0], 2);
    fake_init(&steps[1], 1);
    edo_future_init(&rebel.future, &type);
    sequence_init(&sequence, held, 3);
    edo_shield_init(&shield, &sequence.future);
    edo_group_init(&group, &shield.future);
    edo_task_init(&task, "group", &group.future);
    for (int i = 0; i < 2; i++)
        edo_join_tasks_init(&joins[i], &task, 1);
    edo_task_init(&member.task, "joins its group", &joins[0].future);
    edo_task_init(&late, "joins it, too", &joins[1].future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_task_cancel(&member.task), EDO_READY);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &late), 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    edo_wake(steps[0].waker);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(rebel.answer, EDO_PENDING);
    ck_assert(edo_task_is_live(&late) && edo_task_is_live(&task));
    edo_wake(steps[1].waker);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}
END_TEST

/* The same before G was polled once more: what it waited for was told to another cancel. The
 * numbers of cancels are about to begin anew. */
START_TEST(who_joins_a_group_waits_for_it_also_if_another_was_cancelled_just_before)
{
    struct runtime runtime;
    struct fake owner, held, fake;
    struct edo_shield shield;
    struct edo_group group;
    struct edo_task tasks[2], late;
    struct edo_join_tasks joins[2];
    struct edo_branch branches[2];
    struct edo_join join;
    struct edo_member member;

    runtime_open(&runtime, _i);
    cancel_others(&runtime.executor);
    fake_init(&owner, 100);
    fake_init(&held, 1);
    fake_init(&fake, 100);
    edo_shield_init(&shield, &held.future);
    edo_group_init(&group, &owner.future);
    edo_task_init(&tasks[0], "task", &fake.future);
    edo_task_init(&tasks[1], "group", &group.future);
    edo_join_tasks_init(&joins[0], &tasks[1], 1);
    branches[0].child = &shield.future;
    branches[1].child = &joins[0].future;
    edo_join_init(&join, branches, 2);
    edo_task_init(&member.task, "joins its group", &join.future);
    edo_join_tasks_init(&joins[1], tasks, 2);
    edo_task_init(&late, "joins both", &joins[1].future);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &tasks[i]), 0);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &late), 0);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_task_cancel(&member.task), EDO_PENDING);
    ck_assert_int_eq(edo_task_cancel(&late), EDO_PENDING);
    edo_wake(held.waker);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &late), 0);
    ck_assert(!edo_task_is_live(&tasks[1]));
    runtime_close(&runtime);
}
END_TEST

/* async fn canceller() { PENDING; on cancel: cancel(group) }, and the group is not its own. */
struct canceller {
    struct edo_future future;
    struct edo_group *group;
};

static enum edo_poll canceller_cancel(struct edo_future *self)
{
    const struct canceller *canceller = edo_container_of(self, struct canceller, future);

    ck_assert_int_eq(edo_future_cancel(&canceller->group->future), EDO_PENDING);
    return EDO_READY;
}

/* Inside that task's cancel the members are only asked for. The owner's turn comes with a poll. */
START_TEST(a_group_that_is_cancelled_inside_another_task_s_cancel_is_woken_for_its_owner)
{
    static const struct edo_future_type type = {
        .name = "canceller", .poll = scribe_poll, .cancel = canceller_cancel};
    struct runtime runtime;
    struct fake owner, fake;
    struct edo_group group;
    struct edo_member member;
    struct canceller canceller = {.group = &group};
    struct edo_task task;
    struct counter counter = {0};
    struct edo_context cx = {counting(&counter), &runtime.executor.reactor, &runtime.executor};

    runtime_open(&runtime, _i);
    fake_init(&owner, 100);
    fake_init(&fake, 100);
    edo_group_init(&group, &owner.future);
    edo_task_init(&member.task, "member", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    edo_future_init(&canceller.future, &type);
    edo_task_init(&task, "canceller", &canceller.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert(fake.cancels == 1 && owner.cancels == 0);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_READY);
    ck_assert_uint_eq(owner.cancels, 1);
    ck_assert_int_eq(group.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

static void cancel_group(void *data, struct edo_cause cause)
{
    struct edo_group *group = data;

    (void)cause;
    ck_assert_int_eq(edo_future_cancel(&group->future), EDO_READY);
}

/* D6: the waker of who waits for its members cancels it. */
START_TEST(a_group_that_was_cancelled_by_a_waker_is_not_woken_any_more)
{
    struct runtime runtime;
    struct fake owner, fake;
    struct edo_group group;
    struct edo_member member;
    struct edo_group_wait wait;
    struct counter counter = {0};
    struct edo_context cx = {.executor = &runtime.executor};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    fake_init(&owner, 100);
    fake_init(&fake, 0);
    edo_group_init(&group, &owner.future);
    edo_task_init(&member.task, "member", &fake.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    cx.waker = counting(&counter);
    ck_assert_int_eq(edo_future_poll(&group.future, &cx), EDO_PENDING);
    edo_group_next_init(&wait, &group);
    cx.waker = (struct edo_waker){cancel_group, &group};
    ck_assert_int_eq(edo_future_poll(&wait.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(group.future.state, EDO_CANCELLED);
    ck_assert_uint_eq(counter.wakes, 0);
    runtime_close(&runtime);
}
END_TEST

Suite *group_suite(void)
{
    Suite *suite = suite_create("group");
    TCase *end = tcase_create("end");
    TCase *members = tcase_create("members");

    tcase_add_test(end, a_group_of_nobody_ends_as_its_owner_does);
    tcase_add_loop_test(end, when_the_owner_is_done_the_members_are_waited_for, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, when_the_owner_fails_the_members_are_cancelled_first, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, an_owner_that_fails_at_once_leaves_nobody_behind, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, cancelling_the_owner_s_task_cancels_the_members, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, a_member_that_a_shield_holds_holds_the_group, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, while_its_cancel_is_pending_a_group_takes_nobody, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, while_its_owner_is_under_a_shield_a_cancelled_group_takes_nobody, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, a_member_that_can_not_begin_is_cancelled_and_holds_nobody, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, once_its_owner_has_failed_a_group_takes_nobody, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, a_group_is_woken_for_its_last_member_and_only_once_its_owner_has_ended,
                        0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, who_polled_a_cancelled_group_last_is_woken, 0, VARIANTS);
    tcase_add_loop_test(end, a_member_may_cancel_the_whole_group_it_is_in, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, closing_the_executor_ends_all_of_it, 0, VARIANTS);
    tcase_add_loop_test(end, a_member_that_joins_its_group_s_task_holds_nobody, 0, 4);
    tcase_add_loop_test(end, a_group_does_not_end_before_a_member_that_joins_its_task, 0, 2);
    tcase_add_test(end, a_group_that_is_cancelled_before_it_begins_gives_its_members_back);
    tcase_add_loop_test(end, a_waker_that_cancels_the_group_meanwhile_is_told_that_members_live, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, a_waker_that_cancels_the_groups_task_meanwhile_has_all_its_members, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, however_a_group_is_cancelled_its_members_come_before_its_owner, 0, 3);
    tcase_add_loop_test(end, who_joins_a_group_waits_for_it_whoever_was_cancelled_before, 0, 2);
    tcase_add_loop_test(end,
                        who_joins_a_group_waits_for_it_also_if_another_was_cancelled_just_before, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end,
                        who_joins_its_own_group_does_not_wait_for_it_however_often_it_is_cancelled,
                        0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, who_joins_a_group_waits_for_it_also_if_cancelled_in_its_poll, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(
        end, a_group_that_is_cancelled_inside_another_task_s_cancel_is_woken_for_its_owner, 0,
        VIRTUAL_VARIANTS);
    tcase_add_loop_test(end, a_group_that_was_cancelled_by_a_waker_is_not_woken_any_more, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, end);

    tcase_add_loop_test(members, members_are_awaited_one_by_one_as_they_end, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, all_are_awaited_at_once, 0, VARIANTS);
    tcase_add_loop_test(members, all_can_be_cancelled_and_the_owner_goes_on, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, one_member_can_be_cancelled_and_the_owner_sees_it, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, who_no_longer_waits_for_a_member_is_not_woken, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, spawning_too_late_is_refused, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, a_member_spawned_before_the_group_runs_begins_with_it, 0,
                        VARIANTS);
    tcase_add_loop_test(members,
                        a_member_that_was_cancelled_before_the_group_runs_has_ended_when_it_begins,
                        0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, a_group_whose_owner_has_failed_takes_no_more_members, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, a_group_that_is_being_cancelled_takes_no_more_members, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, a_member_of_a_group_that_never_runs_never_begins, 0, VARIANTS);
    tcase_add_loop_test(members, a_task_that_was_used_is_no_member_of_a_group_that_has_not_begun, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, a_next_may_wait_for_a_member_that_comes_later, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(members, one_at_a_time_waits_for_members, 0, VIRTUAL_VARIANTS);
    tcase_add_test(members, a_hundred_thousand_members_come_and_go);
    suite_add_tcase(suite, members);
    return suite;
}
