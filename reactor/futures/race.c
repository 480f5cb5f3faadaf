#include "race.h"

#include <assert.h>
#include <errno.h>

#include "../base/container_of.h"

/* async fn race(children) {
 *     let winner = select! { child = any of children };
 *     for loser in children { drop(loser).await; }
 *     winner.outcome
 * } */

enum race_state {
    RACE_START = EDO_START,
    RACE_AWAITS_FIRST = EDO_FIRST_AWAIT,
    RACE_AWAITS_LOSERS,
};

static const char *const state_names[] = {"RACE_AWAITS_FIRST", "RACE_AWAITS_LOSERS"};

static enum edo_poll race_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_race *race = edo_container_of(self, struct edo_race, future);
    struct edo_branches *branches = &race->branches;
    struct edo_branch *winner;

    switch ((enum race_state)self->state) {
    case RACE_START:
        if (branches->count == 0)
            return edo_future_fail(self, -EINVAL);
        edo_branches_start(branches);
        edo_future_goto(self, RACE_AWAITS_FIRST);
        /* fall through */
    case RACE_AWAITS_FIRST:
        edo_branches_begin(branches, cx);
        winner = edo_branches_next_ended(branches, cx);
        if (winner == NULL)
            return EDO_PENDING;
        race->winner = (size_t)(winner - branches->array);
        edo_branches_cancel(branches);
        edo_future_goto(self, RACE_AWAITS_LOSERS);
        if (edo_branches_finish(branches, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    case RACE_AWAITS_LOSERS:
        if (edo_branches_poll(branches, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_end_as(self, branches->array[race->winner].child);
}

static bool race_cancel(struct edo_future *self)
{
    return edo_branches_cancel(&edo_container_of(self, struct edo_race, future)->branches);
}

static enum edo_poll race_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return edo_branches_poll(&edo_container_of(self, struct edo_race, future)->branches, cx);
}

static const struct edo_future_type race_type = {.name = "race",
                                                 .poll = race_poll,
                                                 .cancel = race_cancel,
                                                 .poll_cancelled = race_poll_cancelled,
                                                 .state_names = state_names};

void edo_race_init(struct edo_race *race, struct edo_branch *array, size_t count, size_t first)
{
    assert(first == 0 || first < count);
    edo_future_init(&race->future, &race_type);
    edo_branches_init(&race->branches, array, count);
    race->branches.is_ordered = true;
    race->branches.first = first;
}
