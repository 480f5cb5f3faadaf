/* SPDX-License-Identifier: MIT */
#include "yield.h"

enum yield_state { YIELD_START = EDO_START, YIELD_AWAITS_TURN = EDO_FIRST_AWAIT };

static const char *const yield_states[] = {"YIELD_AWAITS_TURN"};

static enum edo_poll yield_poll(struct edo_future *self, struct edo_context *cx)
{
    switch ((enum yield_state)self->state) {
    case YIELD_START:
        edo_wake_because(cx->waker, (struct edo_cause){.kind = EDO_CAUSE_YIELD});
        edo_future_goto(self, YIELD_AWAITS_TURN);
        return EDO_PENDING;
    case YIELD_AWAITS_TURN:
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type yield_type = {"yield", yield_poll,   NULL,
                                                  NULL,    yield_states, NULL};

void edo_yield_init(struct edo_yield *yield)
{
    edo_future_init(&yield->future, &yield_type);
}
