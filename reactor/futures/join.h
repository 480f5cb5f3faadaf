/* SPDX-License-Identifier: MIT */
/* join.h - waits for n futures at once, in one task: until all have ended (join), until the first
 * that is not ok (try_join), until the first that has ended (race).
 *
 *   EDO_START --> JOIN_AWAITS_CHILDREN --all have ended--> EDO_DONE
 *                   |
 *                   +--the first, in a try_join or a race--> JOIN_AWAITS_CANCEL --> as that one
 *                                                 (only while the cancel of another is pending)
 *
 * When the first has decided, the others are cancelled, and have released all they held before the
 * whole is ready. Cancelling the whole cancels the children that have not ended.
 *
 * Each child has a waker of its own. So a poll polls only the children that were woken: n children
 * cost n polls and their wakes, not n times n. A child that is woken meanwhile waits for the next
 * poll, so that one which always wakes itself does not hold the loop.
 *
 * Of several children of a race or a try_join that could decide in the same poll, the one with the
 * earlier deadline does, and at equal deadlines the one with the lower index; a wake that no
 * deadline caused counts as of the last deadline that woke a child before. The others are not
 * polled, so no value is produced just to be thrown away.
 *
 * Memory: the caller's, the join's, the branches' and the children's; none may move until the
 * end. */
#pragma once

#include "../base/list.h"
#include "../task/future.h"

/* One of the n. The caller sets `child`: a future that is new or has ended (but not a cancelled
 * one: the loser of a race must be initialised anew, which is asserted). From then on only the join
 * polls and cancels it. The rest is the join's. */
struct edo_branch {
    struct edo_future *child;
    struct edo_join *join;
    struct edo_list link; /* in a list while it is to be polled, else in none */
    uint64_t woken_ns;    /* when what woke it came due */
};

struct edo_join {
    struct edo_future future;
    struct edo_branch *array; /* set by init */
    size_t count;             /* set by init */
    size_t first;             /* set by init: the index that counts as the lowest */
    size_t decided;        /* at the end of a race: the winner; of a failed try_join: whose error */
    size_t live;           /* children that have not ended, as far as is known */
    uint64_t last_ns;      /* the last deadline that woke a child */
    struct edo_list woken; /* to be polled next time */
    struct edo_waker waker; /* whom to wake when a child was woken */
};

/* Waits for all of array[0].child ... array[count - 1].child, each future once. Result: no value;
 * how each child ended is for the caller to ask of the child. A count of 0 is ready at once. */
void edo_join_init(struct edo_join *join, struct edo_branch *array, size_t count);

/* The same until the first that failed or was cancelled by somebody. Result: no value, each child
 * has its own; or the error of that one, whose index is `decided`. */
void edo_try_join_init(struct edo_join *join, struct edo_branch *array, size_t count);

/* Waits for the first to end, be it done, failed or cancelled; its index is `decided`. Result: its
 * value, error or cancellation. -EINVAL: a count of 0, which could never be ready.
 *
 * Ties go to the lower index counted from `first` on (less than count) and round the end: 0 for the
 * plain order. A race in a loop whose first child is always ready would starve the rest: then give
 * it (decided + 1) % count of the race before. */
void edo_race_init(struct edo_join *race, struct edo_branch *array, size_t count, size_t first);
