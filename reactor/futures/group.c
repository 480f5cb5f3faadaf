/* SPDX-License-Identifier: MIT */
#include "group.h"

#include "../task/executor.h"

/* --- The members ------------------------------------------------------------------------------ */

static struct edo_member *member_of(struct edo_list *link)
{
    return edo_container_of(link, struct edo_member, link);
}

static bool has_live(const struct edo_group *group)
{
    return group->live_count > 0;
}

/* The joiner of each member. While the owner runs, only who awaits a member is woken. */
static void member_ended(void *data, struct edo_cause cause)
{
    struct edo_member *member = data;
    struct edo_group *group = member->group;

    group->live_count--;
    edo_list_remove(&member->link);
    edo_list_append(&group->ended, &member->link);
    cause.kind = EDO_CAUSE_GROUP;
    edo_wake_because(group->next, cause);
    if (!has_live(group) && !edo_future_has_ended(&group->future) &&
        (group->future.is_cancelled || edo_future_has_ended(group->owner)))
        edo_wake_because(group->waker, cause);
}

/* Of a group that has not begun. */
static bool is_early(const struct edo_member *member)
{
    return member->task.state == EDO_TASK_NEW && member->task.joiner.wake == member_ended;
}

/* 0 if it may be one. */
static int admit_early(const struct edo_member *member)
{
    if (is_early(member))
        return -EBUSY;
    return member->task.state == EDO_TASK_NEW && member->task.future->state == EDO_START ? 0
                                                                                         : -EINVAL;
}

int edo_group_spawn(struct edo_group *group, struct edo_executor *executor,
                    struct edo_member *member)
{
    int error;

    if (edo_future_has_ended(&group->future) || group->future.is_cancelled ||
        edo_future_error(group->owner) != 0)
        return -ESHUTDOWN;
    if (group->future.state == EDO_START)
        error = admit_early(member); /* it begins with the group */
    else if (group->executor != executor)
        error = -EINVAL;
    else if (is_early(member))
        error = -EBUSY;
    else
        error = edo_executor_spawn(executor, &member->task);
    if (error)
        return error;
    member->group = group;
    member->task.joiner = (struct edo_waker){member_ended, member};
    group->live_count++;
    edo_list_append(&group->live, &member->link);
    return 0;
}

/* The joiner hears nothing of a task that has not begun. One that is being cancelled just now, and
 * with it this group, because it joins the group's task, must not wait for the group. */
static void cancel_member(struct edo_member *member)
{
    struct edo_executor *executor = member->task.executor;

    if (executor != NULL && member->task.state == EDO_TASK_ENDED)
        executor->meets_outer = true;
    edo_task_cancel(&member->task);
    if (executor == NULL)
        member_ended(member, (struct edo_cause){.kind = EDO_CAUSE_GROUP, .id = member->task.id});
}

/* The group is polled for the first time. A member that can't be spawned any more is cancelled. */
static void begin_members(struct edo_group *group, struct edo_executor *executor)
{
    struct edo_list early;

    group->executor = executor;
    edo_list_take(&early, &group->live);
    while (!edo_list_is_empty(&early)) {
        struct edo_member *member = member_of(early.next);

        edo_list_remove(&member->link);
        edo_list_append(&group->live, &member->link);
        if (edo_executor_spawn(executor, &member->task) < 0)
            cancel_member(member);
    }
}

/* Each leaves `live` by itself when it ends. A waker that cancels the group from inside this has
 * all before it that live, so some may be asked twice. */
enum edo_poll edo_group_cancel(struct edo_group *group)
{
    for (size_t left = group->live_count; left > 0 && !edo_list_is_empty(&group->live); left--) {
        struct edo_member *member = member_of(group->live.next);

        edo_list_remove(&member->link);
        edo_list_append(&group->live, &member->link);
        cancel_member(member);
    }
    return has_live(group) ? EDO_PENDING : EDO_READY;
}

struct edo_member *edo_group_take(struct edo_group *group)
{
    struct edo_list *first = group->ended.next;

    if (edo_list_is_empty(&group->ended))
        return NULL;
    edo_list_remove(first);
    return member_of(first);
}

/* --- The group -------------------------------------------------------------------------------- */

/* async fn group(owner) {
 *     let outcome = owner.await;
 *     if !outcome.is_ok() { cancel(members); }
 *     join_all(members).await;
 *     outcome
 * } */

enum group_state {
    GROUP_START = EDO_START,
    GROUP_AWAITS_OWNER = EDO_FIRST_AWAIT,
    GROUP_AWAITS_MEMBERS,
};

static const char *const group_states[] = {"GROUP_AWAITS_OWNER", "GROUP_AWAITS_MEMBERS"};

static enum edo_poll group_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_group *group = edo_container_of(self, struct edo_group, future);

    group->waker = cx->waker;
    switch ((enum group_state)self->state) {
    case GROUP_START:
        begin_members(group, cx->executor);
        edo_future_goto(self, GROUP_AWAITS_OWNER);
        /* fall through */
    case GROUP_AWAITS_OWNER:
        if (edo_future_await(self, group->owner, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(group->owner) != 0)
            edo_group_cancel(group);
        edo_future_goto(self, GROUP_AWAITS_MEMBERS);
        /* fall through */
    case GROUP_AWAITS_MEMBERS:
        if (has_live(group))
            return EDO_PENDING;
        break;
    }
    return edo_future_end_as(self, group->owner);
}

/* The members first: they may use what the owner holds. Inside a task's cancel they are only asked
 * for; then the group is asked again behind them. */
static enum edo_poll group_cancel(struct edo_future *self)
{
    struct edo_group *group = edo_container_of(self, struct edo_group, future);
    enum edo_poll owner;

    if (edo_group_cancel(group) == EDO_PENDING && !edo_list_is_empty(&group->executor->asked))
        return EDO_PENDING;
    owner = edo_future_cancel(group->owner);
    return has_live(group) ? EDO_PENDING : owner;
}

static enum edo_poll group_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    struct edo_group *group = edo_container_of(self, struct edo_group, future);

    group->waker = cx->waker;
    if (!group->owner->is_cancelled)
        edo_future_cancel(group->owner); /* not before all that are to be ended were asked */
    if (edo_future_await(self, group->owner, cx) == EDO_PENDING)
        return EDO_PENDING;
    return has_live(group) ? EDO_PENDING : EDO_READY;
}

static const struct edo_part group_parts[] = {
    {.kind = EDO_PART_POINTER, .at = offsetof(struct edo_group, owner)},
    {.kind = EDO_PART_MEMBERS,
     .at = offsetof(struct edo_group, live),
     .inside_at =
         (int32_t)offsetof(struct edo_member, task) - (int32_t)offsetof(struct edo_member, link)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type group_type = {
    "group", group_poll, group_cancel, group_poll_cancelled, group_states, group_parts};

void edo_group_init(struct edo_group *group, struct edo_future *owner)
{
    *group = (struct edo_group){.owner = owner};
    edo_future_init(&group->future, &group_type);
    edo_list_init(&group->live);
    edo_list_init(&group->ended);
}

/* --- Waiting for members ---------------------------------------------------------------------- */

enum wait_state { WAIT_START = EDO_START, WAIT_AWAITS_MEMBER = EDO_FIRST_AWAIT };

static const char *const wait_states[] = {"WAIT_AWAITS_MEMBER"};

static enum edo_poll wait_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_group_wait *wait = edo_container_of(self, struct edo_group_wait, future);
    struct edo_group *group = wait->group;

    switch ((enum wait_state)self->state) {
    case WAIT_START:
        if (group->next.wake != NULL)
            return edo_future_fail(self, -EBUSY);
        edo_future_goto(self, WAIT_AWAITS_MEMBER);
        /* fall through */
    case WAIT_AWAITS_MEMBER:
        group->next = cx->waker;
        if (wait->is_for_all
                ? has_live(group)
                : edo_list_is_empty(&group->ended) && (has_live(group) || wait->is_for_later))
            return EDO_PENDING;
        break;
    }
    group->next = (struct edo_waker){0};
    return edo_future_done(self, wait->is_for_all ? NULL : edo_group_take(group));
}

static enum edo_poll wait_cancel(struct edo_future *self)
{
    edo_container_of(self, struct edo_group_wait, future)->group->next = (struct edo_waker){0};
    return EDO_READY;
}

static const struct edo_future_type wait_type = {"group_wait", wait_poll,   wait_cancel,
                                                 NULL,         wait_states, NULL};

void edo_group_next_init(struct edo_group_wait *wait, struct edo_group *group)
{
    edo_future_init(&wait->future, &wait_type);
    wait->group = group;
    wait->is_for_all = wait->is_for_later = false;
}

void edo_group_all_init(struct edo_group_wait *wait, struct edo_group *group)
{
    edo_group_next_init(wait, group);
    wait->is_for_all = true;
}

void edo_group_next_or_later_init(struct edo_group_wait *wait, struct edo_group *group)
{
    edo_group_next_init(wait, group);
    wait->is_for_later = true;
}
