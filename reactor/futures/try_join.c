#include "try_join.h"

#include <errno.h>

#include "../base/container_of.h"

/* async fn try_join(children) -> Result<(), Error> {
 *     while let Some(child) = children.any_that_has_not_ended() { // all at once
 *         if let Err(error) = child.await {
 *             for other in children { drop(other).await; }
 *             return Err(error);
 *         }
 *     }
 *     Ok(())
 * } */

enum try_join_state {
    TRY_JOIN_START = EDO_START,
    TRY_JOIN_AWAITS_CHILDREN = EDO_FIRST_AWAIT,
    TRY_JOIN_AWAITS_REST,
};

static const char *const state_names[] = {"TRY_JOIN_AWAITS_CHILDREN", "TRY_JOIN_AWAITS_REST"};

/* Polls those that were woken, up to the first that is not done: that one, or NULL. */
static struct edo_branch *poll_until_failed(struct edo_branches *branches,
                                            const struct edo_context *cx)
{
    struct edo_branch *ended;

    edo_branches_begin(branches, cx);
    do
        ended = edo_branches_next_ended(branches, cx);
    while (ended != NULL && ended->child->state == EDO_DONE);
    return ended;
}

static int error_of(const struct edo_future *child)
{
    return child->state == EDO_CANCELLED ? -ECANCELED : child->error;
}

static enum edo_poll try_join_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_try_join *join = edo_container_of(self, struct edo_try_join, future);
    struct edo_branches *branches = &join->branches;
    struct edo_branch *failed;

    switch ((enum try_join_state)self->state) {
    case TRY_JOIN_START:
        edo_branches_start(branches);
        edo_future_goto(self, TRY_JOIN_AWAITS_CHILDREN);
        /* fall through */
    case TRY_JOIN_AWAITS_CHILDREN:
        failed = poll_until_failed(branches, cx);
        if (failed == NULL)
            return branches->live == 0 ? edo_future_done(self, NULL) : EDO_PENDING;
        join->failed = (size_t)(failed - branches->array);
        edo_branches_cancel(branches);
        edo_future_goto(self, TRY_JOIN_AWAITS_REST);
        if (edo_branches_finish(branches, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    case TRY_JOIN_AWAITS_REST:
        if (edo_branches_poll(branches, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_fail(self, error_of(branches->array[join->failed].child));
}

static bool try_join_cancel(struct edo_future *self)
{
    return edo_branches_cancel(&edo_container_of(self, struct edo_try_join, future)->branches);
}

static enum edo_poll try_join_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return edo_branches_poll(&edo_container_of(self, struct edo_try_join, future)->branches, cx);
}

static const struct edo_future_type try_join_type = {.name = "try_join",
                                                     .poll = try_join_poll,
                                                     .cancel = try_join_cancel,
                                                     .poll_cancelled = try_join_poll_cancelled,
                                                     .state_names = state_names};

void edo_try_join_init(struct edo_try_join *join, struct edo_branch *array, size_t count)
{
    edo_future_init(&join->future, &try_join_type);
    edo_branches_init(&join->branches, array, count);
    join->branches.is_ordered = true;
}
