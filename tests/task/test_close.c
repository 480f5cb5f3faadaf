/* SPDX-License-Identifier: MIT */
/* Closing and cancelling: whose memory is whose, chains of any length, another process. */
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"

/* --- The memory of a task that has ended is its owner's (D1) ---------------------------------- */

/* A task on the heap, which its joiner frees or uses again. */
struct owned {
    struct edo_task task;
    struct fake fake;
    struct edo_executor *executor;
    int *respawned; /* NULL: free it */
};

static void owner_is_told(void *data, struct edo_cause cause)
{
    struct owned *owned = data;

    ck_assert_int_eq(cause.kind, EDO_CAUSE_CANCEL);
    if (owned->respawned == NULL) {
        memset(owned, 0xa5, sizeof *owned);
        free(owned);
        return;
    }
    fake_init(&owned->fake, 1);
    edo_task_init(&owned->task, "again", &owned->fake.future);
    *owned->respawned = edo_executor_spawn(owned->executor, &owned->task);
}

static struct owned *spawn_owned(struct runtime *runtime, int *respawned)
{
    struct owned *owned = calloc(1, sizeof *owned);

    owned->executor = &runtime->executor;
    owned->respawned = respawned;
    fake_init(&owned->fake, 1);
    edo_task_init(&owned->task, "owned", &owned->fake.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, &owned->task), 0);
    owned->task.joiner = (struct edo_waker){owner_is_told, owned};
    return owned;
}

START_TEST(closing_does_not_touch_a_task_whose_joiner_was_called)
{
    struct runtime runtime;

    runtime_open(&runtime, _i);
    spawn_owned(&runtime, NULL);
    edo_executor_turn(&runtime.executor);
    spawn_owned(&runtime, NULL); /* one waits, one is ready */
    runtime_close(&runtime);
}
END_TEST

START_TEST(spawning_while_the_executor_closes_is_refused)
{
    struct runtime runtime;
    struct owned *owned;
    int respawned = 0;

    runtime_open(&runtime, _i);
    owned = spawn_owned(&runtime, &respawned);
    runtime_close(&runtime);
    ck_assert_int_eq(respawned, -ESHUTDOWN);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &owned->task), -ESHUTDOWN);
    free(owned);
}
END_TEST

/* --- Tasks of another executor (D2) ----------------------------------------------------------- */

START_TEST(a_task_of_another_executor_can_be_neither_joined_nor_a_member)
{
    struct runtime here, there;
    struct fake fakes[2], owner;
    struct edo_task tasks[2], parent;
    struct edo_join_tasks join;
    struct edo_group group;
    struct edo_member member;

    runtime_open(&here, _i);
    runtime_open(&there, _i);
    fake_init(&fakes[0], 1);
    edo_task_init(&tasks[0], "elsewhere", &fakes[0].future);
    edo_executor_spawn(&there.executor, &tasks[0]);
    edo_join_tasks_init(&join, tasks, 1);
    ck_assert_int_eq(runtime_await(&here, &join.future).error, -EINVAL);
    ck_assert(tasks[0].joiner.wake == NULL);
    ck_assert(edo_task_is_live(&tasks[0])); /* it goes on */

    fake_init(&fakes[1], 0);
    edo_task_init(&tasks[1], "not spawned", &fakes[1].future);
    edo_join_tasks_init(&join, &tasks[1], 1);
    ck_assert_int_eq(runtime_await(&here, &join.future).error, -EINVAL);

    fake_init(&owner, 1);
    edo_group_init(&group, &owner.future);
    edo_task_init(&parent, "parent", &group.future);
    edo_executor_spawn(&here.executor, &parent);
    edo_executor_turn(&here.executor);
    edo_task_init(&member.task, "member", &fakes[1].future);
    ck_assert_int_eq(edo_group_spawn(&group, &there.executor, &member), -EINVAL);
    runtime_close(&there);
    runtime_close(&here);
}
END_TEST

/* --- Chains (D12) ----------------------------------------------------------------------------- */

/* Task i joins task i + 1, and the last one waits. */
struct chain {
    size_t length;
    struct edo_join_tasks *joins;
    struct edo_task *tasks;
    struct fake end;
    enum edo_poll answer;
};

static void *end_chain(void *data)
{
    static struct edo_executor executor;
    struct chain *chain = data;
    size_t last = chain->length - 1;

    edo_executor_open(&executor, NULL);
    for (size_t i = 0; i < last; i++) {
        edo_join_tasks_init(&chain->joins[i], &chain->tasks[i + 1], 1);
        edo_task_init(&chain->tasks[i], "link", &chain->joins[i].future);
    }
    fake_init(&chain->end, 1);
    edo_task_init(&chain->tasks[last], "end", &chain->end.future);
    for (size_t i = 0; i <= last; i++)
        edo_executor_spawn(&executor, &chain->tasks[i]);
    edo_executor_turn(&executor);
    chain->answer = edo_task_cancel(&chain->tasks[chain->length / 2]);
    edo_executor_close(&executor);
    return NULL;
}

/* On a stack of 128 KB, or what the system allows: one half is cancelled, the other closed. */
START_TEST(a_chain_of_a_million_joins_is_cancelled_and_closed_in_little_stack)
{
    struct chain chain = {.length = a_million(), .answer = EDO_PENDING};
    pthread_attr_t small;
    pthread_t thread;

    chain.joins = calloc(chain.length, sizeof *chain.joins);
    chain.tasks = calloc(chain.length, sizeof *chain.tasks);
    pthread_attr_init(&small);
    ck_assert_int_eq(pthread_attr_setstacksize(&small, stack_of((size_t)128 * 1024)), 0);
    ck_assert_int_eq(pthread_create(&thread, &small, end_chain, &chain), 0);
    pthread_join(thread, NULL);
    ck_assert_int_eq(chain.answer, EDO_READY);
    for (size_t i = 0; i < chain.length; i++)
        ck_assert_int_eq(chain.tasks[i].state, EDO_TASK_ENDED);
    ck_assert_int_eq(chain.end.future.state, EDO_CANCELLED);
    ck_assert_int_eq(chain.joins[0].future.state, EDO_CANCELLED);
    pthread_attr_destroy(&small);
    free(chain.joins);
    free(chain.tasks);
}
END_TEST

/* Cancelled one after the other, and each ends by itself: 100,000 that a shield holds. */
START_TEST(a_join_of_many_pending_cancels_costs_a_step_for_each)
{
    enum { MANY = 100000 };
    struct parts {
        struct fake fake;
        struct edo_shield shield;
    } *parts = calloc(MANY, sizeof *parts);
    struct edo_task *tasks = calloc(MANY, sizeof *tasks), parent;
    size_t many = getenv("EDO_SMALL") ? 1000 : MANY;
    struct edo_join_tasks join;
    struct runtime runtime;

    runtime_open(&runtime, FD_VIRTUAL);
    for (size_t i = 0; i < many; i++) {
        fake_init(&parts[i].fake, 1);
        edo_shield_init(&parts[i].shield, &parts[i].fake.future);
        edo_task_init(&tasks[i], "part", &parts[i].shield.future);
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    }
    edo_join_tasks_init(&join, tasks, many);
    edo_task_init(&parent, "parent", &join.future);
    edo_executor_spawn(&runtime.executor, &parent);
    edo_executor_turn(&runtime.executor);
    ck_assert_int_eq(edo_task_cancel(&parent), EDO_PENDING);
    for (size_t i = 0; i < many; i++) {
        edo_wake(parts[i].fake.waker);
        edo_executor_turn(&runtime.executor);
        edo_executor_turn(&runtime.executor); /* the parent, which waits for the next */
    }
    ck_assert_int_eq(parent.state, EDO_TASK_ENDED);
    ck_assert_int_eq(edo_future_error(&join.future), -ECANCELED);
    runtime_close(&runtime);
    free(parts);
    free(tasks);
}
END_TEST

/* --- Another process (D7, IO10) --------------------------------------------------------------- */

START_TEST(a_forked_child_that_closes_leaves_the_parent_s_epoll_set_alone)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_watch watch;
    struct edo_task sleeper, watcher;
    int ends[2], status;
    pid_t child;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_sleep_init(&sleep, EDO_MS(20));
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_task_init(&sleeper, "sleeper", &sleep.future);
    edo_task_init(&watcher, "watcher", &watch.future);
    edo_executor_spawn(&runtime.executor, &sleeper);
    edo_executor_spawn(&runtime.executor, &watcher);
    edo_executor_turn(&runtime.executor);
    child = fork();
    if (child == 0) {
        int fds = count_fds();

        /* The epoll fd and a timerfd are gone, here. */
        _exit(edo_executor_close(&runtime.executor) != 0 || count_fds() != fds - 2);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&sleep.future), 0);
    ck_assert_uint_eq(watch.ready, EPOLLIN);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

Suite *close_suite(void)
{
    Suite *suite = suite_create("close");
    TCase *tcase = tcase_create("close");

    tcase_add_loop_test(tcase, closing_does_not_touch_a_task_whose_joiner_was_called, 0, VARIANTS);
    tcase_add_loop_test(tcase, spawning_while_the_executor_closes_is_refused, 0, VARIANTS);
    tcase_add_loop_test(tcase, a_task_of_another_executor_can_be_neither_joined_nor_a_member, 0,
                        VARIANTS);
    tcase_add_test(tcase, a_chain_of_a_million_joins_is_cancelled_and_closed_in_little_stack);
    tcase_add_test(tcase, a_join_of_many_pending_cancels_costs_a_step_for_each);
    tcase_add_loop_test(tcase, a_forked_child_that_closes_leaves_the_parent_s_epoll_set_alone, 0,
                        VARIANTS);
    suite_add_tcase(suite, tcase);
    return suite;
}
