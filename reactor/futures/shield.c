/* SPDX-License-Identifier: MIT */
#include "shield.h"

#include "../task/executor.h"

enum shield_state { SHIELD_START = EDO_START, SHIELD_AWAITS_CHILD = EDO_FIRST_AWAIT };

static const char *const shield_states[] = {"SHIELD_AWAITS_CHILD"};

static enum edo_poll shield_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_shield *shield = edo_container_of(self, struct edo_shield, future);

    switch ((enum shield_state)self->state) {
    case SHIELD_START:
        shield->executor = cx->executor;
        edo_future_goto(self, SHIELD_AWAITS_CHILD);
        /* fall through */
    case SHIELD_AWAITS_CHILD:
        if (edo_future_await(self, shield->child, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_end_as(self, shield->child);
}

static enum edo_poll shield_cancel(struct edo_future *self)
{
    struct edo_shield *shield = edo_container_of(self, struct edo_shield, future);

    if (shield->executor != NULL && shield->executor->is_closing)
        return edo_future_cancel(shield->child);
    return edo_future_has_ended(shield->child) ? EDO_READY : EDO_PENDING;
}

static const struct edo_future_type shield_type = {"shield", shield_poll,   shield_cancel,
                                                   NULL,     shield_states, NULL};

void edo_shield_init(struct edo_shield *shield, struct edo_future *child)
{
    edo_future_init(&shield->future, &shield_type);
    shield->child = child;
}
