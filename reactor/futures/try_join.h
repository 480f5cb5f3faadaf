/* try_join.h - waits for n futures at once; the first that fails ends the others.
 *
 *   EDO_START --> TRY_JOIN_AWAITS_CHILDREN --all are done--> EDO_DONE
 *                    |
 *                    +--one is not--> TRY_JOIN_AWAITS_REST --> EDO_FAILED
 *                                     (only while a shield holds one of the others)
 *
 * When a child fails, the others are cancelled, and have let go of all they held before the
 * try_join is ready. Of several that could fail in the same poll, the one whose deadline is the
 * earlier counts, and where that is equal, or none, the lower index.
 *
 * Result: no value, each child has its own; or the error of the first child that failed, `failed`
 * is its index. A child that somebody cancelled counts as failed with -ECANCELED. Cancelling the
 * try_join cancels its children.
 * Memory: the caller's, the try_join's, the branches' and the children's; none may move until the
 * end. */
#ifndef EDO_TRY_JOIN_H
#define EDO_TRY_JOIN_H

#include <stddef.h>

#include "branches.h"
#include "../task/future.h"

struct edo_try_join {
    struct edo_future future;
    struct edo_branches branches;
    size_t failed; /* EDO_FAILED: whose error it is */
};

/* Joins array[0].child ... array[count - 1].child, each future once. A count of 0 is ready at once.
 */
void edo_try_join_init(struct edo_try_join *join, struct edo_branch *array, size_t count);

#endif
