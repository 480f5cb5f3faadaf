/* SPDX-License-Identifier: MIT */
/* group.h - tasks that belong to one future: what it spawned ends with it.
 *
 *   EDO_START --> GROUP_AWAITS_OWNER --the owner ended--> GROUP_AWAITS_MEMBERS --> as the owner did
 *                                                         (cancels them, if the owner isn't done)
 *
 * The group is itself a future, around its owner: await the group, and the owner runs. In its polls
 * the owner spawns members, as many and whenever it likes; each is a task of its own.
 *
 *   the owner is done            the group waits for the members
 *   the owner fails              the members are cancelled, and waited for
 *   the group is cancelled       so are the members, then the owner
 *
 * So nothing outlives the group, whichever way it ends. (N. J. Smith calls this a nursery in "Notes
 * on structured concurrency", 2018; Tokio's JoinSet aborts its tasks when it is dropped.) A member
 * that fails does not end the others: the owner sees it with edo_group_next, and decides.
 *
 * Result: the owner's value, error or cancellation. How each member ended is at the member:
 * edo_future_error(member->task.future).
 * Memory: the caller's, the group's, the owner's and the members'; none may move until the end. */
#pragma once

#include "../task/task.h"

/* The caller initialises `task` (edo_task_init). The rest is the group's. It may be used again when
 * it has ended and was taken, or the group is gone. */
struct edo_member {
    struct edo_task task;
    struct edo_list link; /* in the group's `live`, then in its `ended` */
    struct edo_group *group;
};

struct edo_group {
    struct edo_future future;
    struct edo_future *owner;            /* set by init */
    const struct edo_executor *executor; /* set by the first poll */
    struct edo_list live;                /* members that have not ended, in the order of spawning */
    struct edo_list ended;               /* members that have, and were not taken, in that order */
    struct edo_waker waker;              /* whom to wake when the last member has ended */
    struct edo_waker next;               /* who awaits edo_group_next or all */
};

/* `owner` is new; from now on only the group polls and cancels it. */
void edo_group_init(struct edo_group *group, struct edo_future *owner);

/* Spawns a member; from the group's first poll until its end. 0, or as edo_executor_spawn; -EINVAL
 * also: the group was not polled yet, or by another executor; -ESHUTDOWN also: it was cancelled,
 * its owner failed, or it has ended. */
int edo_group_spawn(struct edo_group *group, struct edo_executor *executor,
                    struct edo_member *member);

/* Cancels all members; the owner goes on. READY: all have ended. PENDING: see edo_task_cancel. */
enum edo_poll edo_group_cancel(struct edo_group *group);

/* The member that was the first to end of those not taken yet; NULL if there is none. Its memory is
 * the caller's again. Also after the group's end. */
struct edo_member *edo_group_take(struct edo_group *group);

/* A future for the owner to await. */
struct edo_group_wait {
    struct edo_future future;
    struct edo_group *group; /* set by init */
    bool is_for_all;         /* set by init */
};

/* The next member that ends. Result: that member, taken; or NULL: there is none left, live or
 * ended. -EBUSY: another of these waits for this group already. */
void edo_group_next_init(struct edo_group_wait *wait, struct edo_group *group);

/* Until no member is live; they can be taken then. Result: no value; -EBUSY. */
void edo_group_all_init(struct edo_group_wait *wait, struct edo_group *group);
