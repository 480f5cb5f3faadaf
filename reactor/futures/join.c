#include "join.h"

#include "../base/container_of.h"

/* async fn join(children) {
 *     while let Some(child) = children.any_that_has_not_ended() { child.await; } // all at once
 * } */

enum join_state { JOIN_START = EDO_START, JOIN_AWAITS_CHILDREN = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"JOIN_AWAITS_CHILDREN"};

static enum edo_poll join_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join *join = edo_container_of(self, struct edo_join, future);

    switch ((enum join_state)self->state) {
    case JOIN_START:
        edo_branches_start(&join->branches);
        edo_future_goto(self, JOIN_AWAITS_CHILDREN);
        /* fall through */
    case JOIN_AWAITS_CHILDREN:
        if (edo_branches_poll(&join->branches, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

static bool join_cancel(struct edo_future *self)
{
    return edo_branches_cancel(&edo_container_of(self, struct edo_join, future)->branches);
}

static enum edo_poll join_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return edo_branches_poll(&edo_container_of(self, struct edo_join, future)->branches, cx);
}

static const struct edo_future_type join_type = {.name = "join",
                                                 .poll = join_poll,
                                                 .cancel = join_cancel,
                                                 .poll_cancelled = join_poll_cancelled,
                                                 .state_names = state_names};

void edo_join_init(struct edo_join *join, struct edo_branch *array, size_t count)
{
    edo_future_init(&join->future, &join_type);
    edo_branches_init(&join->branches, array, count);
}
