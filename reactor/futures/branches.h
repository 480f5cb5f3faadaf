/* branches.h - n futures awaited at once by one: what join, race and try_join have in common.
 *
 * Each child gets a waker of its own, which puts its branch on the list of the woken. So a poll of
 * the whole polls only who was woken: n children cost n polls and their wakes, not n times n.
 *
 * A poll takes the woken as they stand. One that is woken meanwhile waits for the next poll, so
 * that a child which always wakes itself doesn't hold the loop.
 *
 * Where it matters who comes first, they are polled in this order: by when what woke them came due,
 * an earlier deadline before a later one; at the same time, by their index.
 *
 * Memory: the caller's, the branches' as well as the children's; none may move until the end. */
#ifndef EDO_BRANCHES_H
#define EDO_BRANCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../task/future.h"
#include "../base/list.h"

/* One of the n. The caller sets `child`: a future that is new or has ended, and that from then on
 * only the one who awaits them polls and cancels. The rest is not the caller's. */
struct edo_branch {
    struct edo_future *child;
    struct edo_branches *branches;
    struct edo_list link; /* in `woken` or `turn`, or in none */
    uint64_t woken_ns;    /* when what woke it came due */
};

struct edo_branches {
    struct edo_branch *array; /* set by init */
    size_t count;             /* set by init */
    size_t first;             /* set by who wants an order: the index that counts as the lowest */
    bool is_ordered;          /* set by who wants an order, else it is that of the wakes */
    size_t live;              /* children that have not ended, as far as is known */
    struct edo_list woken;
    struct edo_list turn;   /* what is left of those that this poll took */
    struct edo_waker waker; /* whom to wake when a child was woken */
    const struct edo_reactor *reactor;
};

void edo_branches_init(struct edo_branches *branches, struct edo_branch *array, size_t count);

/* Before the first poll: all are to be polled. */
void edo_branches_start(struct edo_branches *branches);

/* A poll of the whole: begin; next_ended, which polls on until a child has ended and gives its
 * branch, NULL when all that were woken have been polled; finish, which polls what is left of them.
 * READY: every child has ended. */
void edo_branches_begin(struct edo_branches *branches, const struct edo_context *cx);
struct edo_branch *edo_branches_next_ended(struct edo_branches *branches,
                                           const struct edo_context *cx);
enum edo_poll edo_branches_finish(struct edo_branches *branches, const struct edo_context *cx);

/* Begin and finish. */
enum edo_poll edo_branches_poll(struct edo_branches *branches, const struct edo_context *cx);

/* Cancels, in their order, the children that have not ended. True: all have ended. False: poll the
 * whole for as long as it is PENDING. */
bool edo_branches_cancel(struct edo_branches *branches);

#endif
