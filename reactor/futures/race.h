/* race.h - waits for the first of n futures; the others are cancelled.
 *
 *   EDO_START --> RACE_AWAITS_FIRST --one ended--> RACE_AWAITS_LOSERS --> how the winner ended
 *                                                   (only while a shield holds one of them)
 *
 * The first to end wins, be it done, failed or cancelled. The others are cancelled and have let go
 * of all they held before the race is ready.
 *
 * Of several that could end in the same poll, the one whose deadline is the earlier wins, and where
 * that is equal the lower index; a wake that no deadline caused counts as of the last deadline that
 * came before it. The others are not polled, so no value is produced just to be thrown away. A race
 * in a loop whose first child is always ready would starve the rest: `first` says which index
 * counts as the lowest.
 *
 * Result: the winner's value, error or cancellation; `winner` is its index. A race of none could
 * never be ready: -EINVAL. Cancelling the race cancels its children.
 * Memory: the caller's, the race's, the branches' and the children's; none may move before the
 * end. */
#ifndef EDO_RACE_H
#define EDO_RACE_H

#include <stddef.h>

#include "branches.h"
#include "../task/future.h"

struct edo_race {
    struct edo_future future;
    struct edo_branches branches;
    size_t winner; /* at the end, if count is not 0 and it was not cancelled */
};

/* A race of array[0].child ... array[count - 1].child. Ties go to the lower index counted from
 * `first` on (less than count) and round the end: 0 for the plain order; for turns,
 * (winner + 1) % count of the race before. */
void edo_race_init(struct edo_race *race, struct edo_branch *array, size_t count, size_t first);

#endif
