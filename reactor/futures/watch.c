/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include "../kernel/reactor.h"

enum watch_state { WATCH_START = EDO_START, WATCH_ARMED = EDO_FIRST_AWAIT };

static const char *const watch_states[] = {"WATCH_ARMED"};

static enum edo_poll watch_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_watch *watch = edo_container_of(self, struct edo_watch, future);
    int result;

    switch ((enum watch_state)self->state) {
    case WATCH_START:
        result =
            edo_reactor_watch(cx->reactor, &watch->source, watch->fd, watch->events, cx->waker);
        if (result < 0)
            return edo_future_fail(self, result);
        edo_future_goto(self, WATCH_ARMED);
        return EDO_PENDING;
    case WATCH_ARMED:
        if (edo_source_is_pending(&watch->source)) {
            watch->source.waker = cx->waker;
            return EDO_PENDING;
        }
        break;
    }
    result = watch->source.state == EDO_SOURCE_FIRED ? watch->source.result : -ECANCELED;
    if (result < 0)
        return edo_future_fail(self, result);
    watch->ready = (uint32_t)result;
    return edo_future_done(self, NULL);
}

static enum edo_poll watch_cancel(struct edo_future *self)
{
    edo_source_disarm(&edo_container_of(self, struct edo_watch, future)->source);
    return EDO_READY;
}

static const struct edo_part watch_parts[] = {
    {.kind = EDO_PART_SOURCE, .at = offsetof(struct edo_watch, source)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type watch_type = {"watch", watch_poll,   watch_cancel,
                                                  NULL,    watch_states, watch_parts};

void edo_watch_init(struct edo_watch *watch, int fd, uint32_t events)
{
    edo_future_init(&watch->future, &watch_type);
    edo_source_init(&watch->source);
    watch->fd = fd;
    watch->events = events;
    watch->ready = 0;
}
