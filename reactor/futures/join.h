/* join.h - waits for n futures at once, in one task.
 *
 *   EDO_START --first poll--> JOIN_AWAITS_CHILDREN --the last child ended--> EDO_DONE
 *
 * n children cost n polls and their wakes (see branches.h).
 *
 * Result: no value; how each child ended is for the caller to ask of the child
 * (edo_future_outcome). A failed child does not end the others: try_join.h does that.
 * Cancelling the join cancels the children that have not ended, in their order.
 * Memory: the caller's, the join's, the branches' and the children's; none may move before the
 * end. */
#ifndef EDO_JOIN_H
#define EDO_JOIN_H

#include <stddef.h>

#include "branches.h"
#include "../task/future.h"

struct edo_join {
    struct edo_future future;
    struct edo_branches branches;
};

/* Joins array[0].child ... array[count - 1].child, each future once. A count of 0 is ready at once.
 */
void edo_join_init(struct edo_join *join, struct edo_branch *array, size_t count);

#endif
