/* SPDX-License-Identifier: MIT */
/* group.h - tasks that belong to a future: when it ends, they have ended.
 *
 *   EDO_START --> GROUP_AWAITS_OWNER
 *                   |
 *                   +--it ended--> GROUP_AWAITS_MEMBERS --> as the owner did
 *                                  (cancels them, if the owner isn't done)
 *
 * The group is itself a future, around its owner: await the group, and the owner runs. In its polls
 * the owner may spawn members, any number at any time; each is a task of its own.
 *
 *   the owner is done            the group waits for the members
 *   the owner fails              the members are cancelled, and waited for
 *   the group is cancelled       so are the members, then the owner
 *
 * So nothing outlives the group, whichever way it ends. (N. J. Smith calls this a nursery in "Notes
 * on structured concurrency", 2018; Tokio's JoinSet aborts its tasks when it is dropped.) A member
 * that fails does not end the others: the owner sees it with edo_group_next_init, and
 * decides.
 *
 * Result: the owner's value, error or cancellation. How each member ended is at the member:
 * edo_future_error(member->task.future).
 * Memory: the caller's, the group's, the owner's and the members'; none may move until the end. */
#pragma once

#include "../task/task.h"

/* The caller initialises `task` (edo_task_init). The other members of the struct are the group's.
 * It may be used again when the task has ended and was taken, or when the group has ended;
 * initialise the task anew. */
struct edo_member {
    struct edo_task task;    /* set by the caller */
    struct edo_list link;    /* in `live` of the group, then in its `ended` */
    struct edo_group *group; /* set by edo_group_spawn */
};

struct edo_group {
    struct edo_future future;            /* to be awaited */
    struct edo_future *owner;            /* set by init */
    const struct edo_executor *executor; /* set by the first poll */
    size_t live_count;                   /* how many members have not ended */
    struct edo_list live;   /* these, in the order of spawning until they are cancelled */
    struct edo_list ended;  /* members that have ended and were not taken, the first to end first */
    struct edo_waker waker; /* of who polls the group: called when the last member has ended */
    struct edo_waker next;  /* of who awaits an edo_group_wait */
};

/* `owner` is new; from now on only the group polls and cancels it. */
void edo_group_init(struct edo_group *group, struct edo_future *owner);

/* Spawns a member, until the end of the group; a member that is spawned before the first poll of
 * the group begins with it, and never, if the group is cancelled before. Returns 0, or -errno.
 * -EINVAL: the group was polled by another executor, or the task has been used, init it again;
 * -EBUSY: it is a member already, of this group or another;
 * -ESHUTDOWN: the group was cancelled or has ended, or its owner has failed; else as
 * edo_executor_spawn. */
int edo_group_spawn(struct edo_group *group, struct edo_executor *executor,
                    struct edo_member *member);

/* Cancels all members; the owner goes on. READY: all members have ended. PENDING: the cancel of
 * some is pending (edo_task_cancel). */
enum edo_poll edo_group_cancel(struct edo_group *group);

/* Takes a member that has ended, whose memory is then the caller's again. Works also after the end
 * of the group. Returns the member that ended first of those that were not taken yet; NULL if there
 * is none. */
struct edo_member *edo_group_take(struct edo_group *group);

/* A future for the owner to await. */
struct edo_group_wait {
    struct edo_future future; /* to be awaited */
    struct edo_group *group;  /* set by init */
    bool is_for_all;          /* set by init */
    bool is_for_later;        /* set by init */
};

/* Waits for the next member that ends, and takes it. Result: that member; NULL: none is left, live
 * or ended. -EBUSY: another edo_group_wait waits for this group already. */
void edo_group_next_init(struct edo_group_wait *wait, struct edo_group *group);

/* The same, but where no member is left it waits for one that is spawned later; if none is spawned,
 * it waits for ever. Result: the member, never NULL. -EBUSY: as above. */
void edo_group_next_or_later_init(struct edo_group_wait *wait, struct edo_group *group);

/* Waits until no member is live, and takes none. Result: no value. -EBUSY: as above. */
void edo_group_all_init(struct edo_group_wait *wait, struct edo_group *group);
