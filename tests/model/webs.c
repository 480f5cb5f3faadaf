/* SPDX-License-Identifier: MIT */
#include "webs.h"

#include <sys/time.h>

#include "helper.h"

enum { KNOTS_MAX = 5, WAITS_MAX = 3, TURNS_MAX = 1000, CPU_US = 200000 };

/* A task, and all that it may be made of. */
struct knot {
    struct edo_member member; /* of a group, with a task of its own */
    struct edo_task *task;    /* that one, or one of the web's */
    struct knot *parent;      /* of whose group it is a member; NULL: none */
    bool is_group;
    struct edo_sleep sleep, held;
    struct edo_shield shield;
    struct edo_join_tasks join_tasks;
    struct edo_branch branches[WAITS_MAX];
    struct edo_join join;
    struct edo_timeout timeout;
    struct edo_group group;
};

struct web {
    struct knot knots[KNOTS_MAX];
    struct edo_task tasks[KNOTS_MAX]; /* of those that are no members: two can be joined at once */
    unsigned count;
};

/* --- Making one ------------------------------------------------------------------------------- */

/* Of all that it waits for: any, none too. */
static size_t choose_waits(struct web *web, struct knot *knot)
{
    size_t count = 0;

    if (schedule_choose("sleeps", 2)) {
        edo_sleep_init(&knot->sleep, EDO_S(100));
        knot->branches[count++].child = &knot->sleep.future;
    }
    if (schedule_rarely("is held", 4)) {
        edo_sleep_init(&knot->held, EDO_MS(5 + schedule_choose("ms", 20)));
        edo_shield_init(&knot->shield, &knot->held.future);
        knot->branches[count++].child = &knot->shield.future;
    }
    if (schedule_choose("joins", 3)) {
        unsigned whom = schedule_choose("whom", web->count);
        bool are_two = web->knots[whom].parent == NULL && whom + 1 < web->count &&
                       web->knots[whom + 1].parent == NULL && schedule_choose("two", 2);

        edo_join_tasks_init(&knot->join_tasks, web->knots[whom].task, are_two ? 2 : 1);
        if (schedule_rarely("only looks", 4))
            edo_await_tasks_init(&knot->join_tasks, web->knots[whom].task, are_two ? 2 : 1);
        knot->branches[count++].child = &knot->join_tasks.future;
    }
    return count;
}

static struct edo_future *choose_future(struct web *web, struct knot *knot)
{
    struct edo_future *future = &knot->join.future;
    size_t count = choose_waits(web, knot);

    if (schedule_rarely("races", 4))
        edo_race_init(&knot->join, knot->branches, count, 0);
    else
        edo_join_init(&knot->join, knot->branches, count);
    if (schedule_rarely("timeout", 3)) {
        edo_timeout_init(&knot->timeout, future, EDO_MS(10 + schedule_choose("ms", 2)));
        future = &knot->timeout.future;
    }
    if (knot->is_group) {
        edo_group_init(&knot->group, future);
        future = &knot->group.future;
    }
    return future;
}

static void make(struct web *web)
{
    static const char *const names[KNOTS_MAX] = {"a", "b", "c", "d", "e"};

    *web = (struct web){.count = 2 + schedule_choose("tasks", KNOTS_MAX - 1)};
    for (unsigned i = 0; i < web->count; i++) {
        struct knot *knot = &web->knots[i];

        knot->is_group = schedule_choose("is a group", 2);
        if (i > 0 && schedule_choose("is a member", 2))
            knot->parent = &web->knots[schedule_choose("of which", i)];
        if (knot->parent != NULL && !knot->parent->is_group)
            knot->parent = NULL;
        knot->task = knot->parent != NULL ? &knot->member.task : &web->tasks[i];
    }
    for (unsigned i = 0; i < web->count; i++)
        edo_task_init(web->knots[i].task, names[i], choose_future(web, &web->knots[i]));
}

static void spawn(struct web *web, struct edo_executor *executor)
{
    for (unsigned i = 0; i < web->count; i++) {
        struct knot *knot = &web->knots[i];
        int error = knot->parent != NULL
                        ? edo_group_spawn(&knot->parent->group, executor, &knot->member)
                        : edo_executor_spawn(executor, knot->task);

        ck_assert_int_eq(error, 0);
    }
}

/* --- Looking at it ---------------------------------------------------------------------------- */

static bool is_live(const struct knot *knot)
{
    return edo_task_is_live(knot->task);
}

static bool has_live(const struct web *web)
{
    for (unsigned i = 0; i < web->count; i++)
        if (is_live(&web->knots[i]))
            return true;
    return false;
}

static void check_members(const struct web *web)
{
    for (unsigned i = 0; i < web->count; i++)
        if (web->knots[i].parent != NULL && is_live(&web->knots[i]))
            ck_assert_msg(is_live(web->knots[i].parent), "a member has outlived its group");
}

/* Some may wait for each other, and nobody has cancelled them. */
static void check_stuck(const struct web *web)
{
    for (unsigned i = 0; i < web->count; i++)
        ck_assert_msg(!is_live(&web->knots[i]) || !web->knots[i].task->future->is_cancelled,
                      "a cancel is pending for ever");
}

static void run_to_the_end(const struct web *web, struct edo_executor *executor)
{
    int error = 0;

    for (unsigned turns = 0; has_live(web) && error == 0; turns++) {
        ck_assert_msg(turns < TURNS_MAX, "it goes on for ever");
        error = edo_executor_turn(executor);
        check_members(web);
    }
    if (error) {
        ck_assert_int_eq(error, -EDEADLK);
        check_stuck(web);
    }
}

void web_run(int variant)
{
    static const struct itimerval share = {.it_value.tv_usec = CPU_US};
    static struct web web;
    struct runtime runtime;

    setitimer(ITIMER_VIRTUAL, &share, NULL);
    runtime_open(&runtime, variant);
    make(&web);
    spawn(&web, &runtime.executor);
    for (unsigned turns = schedule_choose("turns", 6); turns > 0; turns--)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    if (schedule_choose("cancels", 2))
        edo_task_cancel(web.knots[schedule_choose("whom", web.count)].task);
    if (!schedule_rarely("closes early", 4))
        run_to_the_end(&web, &runtime.executor);
    runtime_close(&runtime);
    ck_assert_msg(!has_live(&web), "a task has outlived its executor");
}
