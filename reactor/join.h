/* join.h - waits for n futures at once, in one task.
 *
 *   EDO_START --first poll--> JOIN_AWAITS_CHILDREN --the last child ended--> EDO_DONE
 *
 * Every child gets a waker of its own, which puts it on the join's list of woken children. So a
 * poll of the join polls only who was woken: n children cost n polls and their wakes, not n times
 * n.
 *
 * Result: no value; how each child ended is for the caller to ask of the child
 * (edo_future_outcome). A failed child does not end the others.
 * Cancelling the join cancels the children that have not ended, in their order.
 * Memory: the caller's, the join's, the slots' and the children's; none may move until the end. */
#ifndef EDO_JOIN_H
#define EDO_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "future.h"

/* One place in the join. The caller sets `child`; the rest is the join's. */
struct edo_join_slot {
    struct edo_future *child;
    struct edo_join *join;
    struct edo_join_slot *next_woken;
    bool is_woken;
};

struct edo_join {
    struct edo_future future;
    struct edo_join_slot *slots; /* set by init */
    size_t count;                /* set by init */
    size_t remaining;            /* children that have not ended */
    struct edo_waker waker;      /* whom to wake when a child was woken */
    struct edo_join_slot *first_woken;
    struct edo_join_slot **woken_end; /* where the next one is linked in */
};

/* Joins slots[0].child ... slots[count - 1].child: futures that are new or have ended, each of them
 * once; from now on only the join polls and cancels them. A count of 0 is ready at once. */
void edo_join_init(struct edo_join *join, struct edo_join_slot *slots, size_t count);

#endif
