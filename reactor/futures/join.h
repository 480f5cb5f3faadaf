/* SPDX-License-Identifier: MIT */
/* join.h - waits for n futures at once, in one task: until all have ended (join), until the first
 * that is not ok (try_join), until the first that has ended (race).
 *
 *   EDO_START --> JOIN_AWAITS_CHILDREN --all have ended--> EDO_DONE
 *                   |
 *                   | the first, in a try_join or a race
 *                   +--> JOIN_AWAITS_CANCEL --> as that one
 *                        (only while the cancel of another is pending)
 *
 * When one child has decided, the others are cancelled; the whole is ready when they have released
 * all they held. Cancelling the whole, from its first poll on, cancels the children that have not
 * ended.
 *
 * Each child has a waker of its own. So a poll of the whole polls only the children that were
 * woken: n children cost n polls and one more for each wake, not n for each wake. A child that is
 * woken meanwhile waits for the next poll of the whole, so a child that always wakes itself does
 * not hold the loop. Nor does it hold the other children: of the task's budget (executor.h) each
 * may take one operation in a poll, also where others have used up all.
 *
 * Several children of a race or a try_join may be able to decide in the same poll. Then the one
 * whose deadline is earlier decides; if the deadlines are equal, the one with the lower index. A
 * child that was woken without a deadline counts as if it had the last deadline that woke a child
 * before it. The other children are not polled, so no value is made only to be thrown away.
 *
 * Memory: the caller's, the join's, the branches' and the children's; none may move until the
 * end. */
#pragma once

#include "../base/list.h"
#include "../task/future.h"

/* One of the n. The caller sets `child`: a future that is new or has ended. A cancelled one, as the
 * loser of another race, must be initialised anew (asserted; without asserts it has ended, as
 * cancelled). From then on only the join polls and cancels the child. The other members are the
 * join's. */
struct edo_branch {
    struct edo_future *child; /* set by the caller */
    struct edo_join *join;    /* that it belongs to */
    struct edo_list link;     /* in a list while it is to be polled, else in none */
    uint64_t woken_ns;        /* the deadline that it was woken at, or counts as woken at */
};

struct edo_join {
    struct edo_future future; /* to be awaited */
    struct edo_branch *array; /* set by init */
    size_t count;             /* set by init */
    size_t first;             /* set by init: the index that counts as the lowest */
    size_t decided;        /* at the end of a race or a failed try_join: the index of who decided */
    size_t live;           /* children that were not seen to end yet */
    uint64_t last_ns;      /* the last deadline that woke a child */
    struct edo_list woken; /* branches that the next poll polls */
    struct edo_waker waker; /* whom to wake when a child was woken */
};

/* Waits for all of array[0].child ... array[count - 1].child, each future once. Result: no value;
 * the caller asks each child how it ended. A count of 0 is ready at once. */
void edo_join_init(struct edo_join *join, struct edo_branch *array, size_t count);

/* Waits for all, but no longer than until the first of them fails or ends as cancelled.
 * Result: no value, each child has its own; or the error of that first one, whose index is
 * `decided`. */
void edo_try_join_init(struct edo_join *join, struct edo_branch *array, size_t count);

/* Waits for the first to end, be it done, failed or cancelled; its index is `decided`.
 *
 * Between equal deadlines the lower index decides, counted from `first` on and round the end.
 * `first` is less than `count` (asserted; without asserts any other is 0); 0 is the plain order. In
 * a loop, a first child that is always ready would win each race: then take for `first` the
 * (decided + 1) % count of the race before.
 *
 * Result: the value, error or cancellation of the first. -EINVAL: a count of 0, which could never
 * be ready. */
void edo_race_init(struct edo_join *race, struct edo_branch *array, size_t count, size_t first);
