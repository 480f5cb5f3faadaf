/* SPDX-License-Identifier: MIT */
#include "webs.h"

#include <sys/time.h>

#include "helper.h"

enum { KNOTS_MAX = 5, WAITS_MAX = 9, PERMITS_MAX = 2, TURNS_MAX = 1000, CPU_US = 200000 };

/* A future whose waker does something to somebody, before it wakes its task. */
struct meddler {
    struct edo_future future;
    struct edo_future *child;
    struct web *web;
    struct edo_waker waker; /* of its task */
};

/* A task, and all that it may be made of. */
struct knot {
    struct web *web;
    struct edo_member member; /* of a group, with a task of its own */
    struct edo_task *task;    /* that one, or one of the web's */
    struct knot *parent;      /* of whose group it is a member; NULL: none */
    bool is_group;
    struct edo_sleep sleep, held;
    struct edo_shield shield;
    struct edo_future critical; /* holds a permit, and sleeps meanwhile */
    struct edo_acquire acquire;
    struct edo_sleep works;
    bool has_permit;
    struct edo_future deed; /* sleeps, and does something to somebody */
    struct edo_sleep pause;
    struct edo_send send;
    struct edo_receive receive;
    struct edo_notify_wait notify_wait;
    struct edo_group_wait group_wait;
    struct edo_join_tasks join_tasks;
    struct meddler meddlers[WAITS_MAX];
    struct edo_branch branches[WAITS_MAX];
    struct edo_join join;
    struct edo_timeout timeout;
    struct edo_group group;
};

struct web {
    struct knot knots[KNOTS_MAX];
    struct edo_task tasks[KNOTS_MAX]; /* of those that are no members: two can be joined at once */
    unsigned count;
    struct edo_executor *executor;
    struct edo_semaphore semaphore;
    unsigned permits, taken;
    struct edo_notify notify;
    struct edo_channel channel;
    unsigned deeds; /* that are left */
};

static void spawn_one(struct knot *knot);

/* --- Deeds ------------------------------------------------------------------------------------ */

/* In a poll, or in a waker, and so in any cancel. */
static void do_something(struct web *web)
{
    struct knot *knot = &web->knots[schedule_choose("to whom", web->count)];

    if (web->deeds == 0)
        return;
    web->deeds--;
    switch (schedule_choose("deed", 6)) {
    case 0:
    case 1:
        edo_task_cancel(knot->task);
        break;
    case 2:
        if (knot->is_group)
            edo_group_cancel(&knot->group);
        break;
    case 3:
        if (schedule_choose("one", 2))
            edo_notify_one(&web->notify);
        else
            edo_notify_all(&web->notify);
        break;
    case 4:
        edo_channel_close(&web->channel);
        break;
    default:
        spawn_one(knot);
        break;
    }
}

/* async fn deed { pause.await; do_something() } */
static enum edo_poll deed_poll(struct edo_future *self, struct edo_context *cx)
{
    struct knot *knot = edo_container_of(self, struct knot, deed);

    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &knot->pause.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    do_something(knot->web);
    return edo_future_done(self, NULL);
}

static void meddle(void *data, struct edo_cause cause)
{
    struct meddler *meddler = data;

    if (schedule_rarely("meddles", 3))
        do_something(meddler->web);
    edo_wake_because(meddler->waker, cause);
}

static enum edo_poll meddler_poll(struct edo_future *self, struct edo_context *cx)
{
    struct meddler *meddler = edo_container_of(self, struct meddler, future);
    struct edo_context inner = *cx;

    meddler->waker = cx->waker;
    inner.waker = (struct edo_waker){meddle, meddler};
    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, meddler->child, &inner) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_end_as(self, meddler->child);
}

/* --- A permit --------------------------------------------------------------------------------- */

enum critical_state {
    CRITICAL_START = EDO_START,
    CRITICAL_ACQUIRES = EDO_FIRST_AWAIT,
    CRITICAL_WORKS
};

/* Once: a waker may cancel the very future that gives it back. */
static void give_back(struct knot *knot)
{
    bool has_permit = knot->has_permit;

    knot->has_permit = false;
    if (!has_permit)
        return;
    knot->web->taken--;
    edo_semaphore_release(&knot->web->semaphore);
}

/* async fn critical { acquire.await; works.await; release() } */
static enum edo_poll critical_poll(struct edo_future *self, struct edo_context *cx)
{
    struct knot *knot = edo_container_of(self, struct knot, critical);

    switch ((enum critical_state)self->state) {
    case CRITICAL_START:
        edo_future_goto(self, CRITICAL_ACQUIRES);
        /* fall through */
    case CRITICAL_ACQUIRES:
        if (edo_future_await(self, &knot->acquire.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        knot->has_permit = true;
        ck_assert_uint_le(++knot->web->taken, knot->web->permits);
        edo_future_goto(self, CRITICAL_WORKS);
        /* fall through */
    case CRITICAL_WORKS:
        if (edo_future_await(self, &knot->works.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    give_back(knot);
    return edo_future_done(self, NULL);
}

static enum edo_poll critical_cancel(struct edo_future *self)
{
    if (self->awaiting != NULL)
        edo_future_cancel(self->awaiting);
    give_back(edo_container_of(self, struct knot, critical));
    return EDO_READY;
}

static const struct edo_future_type deed_type = {.name = "deed", .poll = deed_poll};
static const struct edo_future_type meddler_type = {.name = "meddler", .poll = meddler_poll};
static const char *const critical_states[] = {"CRITICAL_ACQUIRES", "CRITICAL_WORKS"};
static const struct edo_future_type critical_type = {.name = "critical",
                                                     .poll = critical_poll,
                                                     .cancel = critical_cancel,
                                                     .state_names = critical_states};

/* --- Making one ------------------------------------------------------------------------------- */

/* What tasks share. Returns how many branches there are then. */
static size_t choose_shared(struct web *web, struct knot *knot, size_t count)
{
    struct edo_branch *branches = knot->branches;

    if (schedule_rarely("works", 3)) {
        edo_acquire_init(&knot->acquire, &web->semaphore);
        edo_sleep_init(&knot->works, EDO_MS(schedule_choose("ms", 20)));
        edo_future_init(&knot->critical, &critical_type);
        branches[count++].child = &knot->critical;
    }
    if (schedule_rarely("sends", 4)) {
        edo_send_init(&knot->send, &web->channel, NULL);
        branches[count++].child = &knot->send.future;
    }
    if (schedule_rarely("receives", 4)) {
        edo_receive_init(&knot->receive, &web->channel, NULL);
        branches[count++].child = &knot->receive.future;
    }
    if (schedule_rarely("is notified", 4)) {
        edo_notify_wait_init(&knot->notify_wait, &web->notify);
        branches[count++].child = &knot->notify_wait.future;
    }
    return count;
}

static size_t choose_own(struct knot *knot, size_t count)
{
    if (schedule_rarely("does something", 3)) {
        edo_sleep_init(&knot->pause, EDO_MS(schedule_choose("ms", 20)));
        edo_future_init(&knot->deed, &deed_type);
        knot->branches[count++].child = &knot->deed;
    }
    if (knot->is_group && schedule_rarely("awaits members", 3)) {
        edo_group_next_init(&knot->group_wait, &knot->group);
        if (schedule_choose("all", 2))
            edo_group_all_init(&knot->group_wait, &knot->group);
        knot->branches[count++].child = &knot->group_wait.future;
    }
    return count;
}

static void choose_meddlers(struct knot *knot, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct meddler *meddler = &knot->meddlers[i];

        if (!schedule_rarely("meddles", 4))
            continue;
        *meddler = (struct meddler){.child = knot->branches[i].child, .web = knot->web};
        edo_future_init(&meddler->future, &meddler_type);
        knot->branches[i].child = &meddler->future;
    }
}

/* Of all that it waits for: any, none too. */
static size_t choose_waits(struct web *web, struct knot *knot)
{
    size_t count = choose_own(knot, choose_shared(web, knot, 0));

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
    choose_meddlers(knot, count);
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

static void make(struct web *web, struct edo_executor *executor)
{
    static const char *const names[KNOTS_MAX] = {"a", "b", "c", "d", "e"};

    *web = (struct web){.count = 2 + schedule_choose("tasks", KNOTS_MAX - 1),
                        .permits = 1 + schedule_choose("permits", PERMITS_MAX),
                        .executor = executor,
                        .deeds = 2 * KNOTS_MAX};
    edo_semaphore_init(&web->semaphore, web->permits);
    edo_notify_init(&web->notify);
    edo_channel_init(&web->channel, NULL, 0, 1 + schedule_choose("capacity", 2));
    for (unsigned i = 0; i < web->count; i++) {
        struct knot *knot = &web->knots[i];

        knot->web = web;
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

/* Where it can't be, it stays as it is. */
static void spawn_one(struct knot *knot)
{
    struct edo_executor *executor = knot->web->executor;

    if (knot->parent != NULL)
        edo_group_spawn(&knot->parent->group, executor, &knot->member);
    else
        edo_executor_spawn(executor, knot->task);
}

static void spawn(struct web *web)
{
    for (unsigned i = 0; i < web->count; i++)
        if (!schedule_rarely("later", 8))
            spawn_one(&web->knots[i]);
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

/* What they shared is as it was. */
static void check_shared(const struct web *web)
{
    size_t messages = web->channel.count;

    for (unsigned i = 0; i < web->count; i++) {
        messages -= web->knots[i].send.future.state == EDO_DONE;
        messages += web->knots[i].receive.future.state == EDO_DONE;
    }
    ck_assert_uint_eq(messages, 0);
    ck_assert_uint_eq(web->semaphore.permits, web->permits);
    ck_assert(edo_list_is_empty(&web->semaphore.waiting));
    ck_assert(edo_list_is_empty(&web->notify.waiting));
    ck_assert(edo_list_is_empty(&web->channel.senders));
    ck_assert(edo_list_is_empty(&web->channel.receivers));
}

void web_run(int variant)
{
    static const struct itimerval share = {.it_value.tv_usec = CPU_US};
    static struct web web;
    struct runtime runtime;

    setitimer(ITIMER_VIRTUAL, &share, NULL);
    runtime_open(&runtime, variant);
    make(&web, &runtime.executor);
    spawn(&web);
    for (unsigned turns = schedule_choose("turns", 6); turns > 0; turns--)
        ck_assert_int_eq(edo_executor_turn_now(&runtime.executor), 0);
    if (schedule_choose("cancels", 2))
        edo_task_cancel(web.knots[schedule_choose("whom", web.count)].task);
    if (!schedule_rarely("closes early", 4))
        run_to_the_end(&web, &runtime.executor);
    runtime_close(&runtime);
    ck_assert_msg(!has_live(&web), "a task has outlived its executor");
    check_shared(&web);
}
