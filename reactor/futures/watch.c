#include "watch.h"

#include <errno.h>

#include "../base/container_of.h"
#include "../kernel/reactor.h"

enum watch_state { WATCH_START = EDO_START, WATCH_ARMED = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"WATCH_ARMED"};

static enum edo_poll watch_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_watch *watch = edo_container_of(self, struct edo_watch, future);
    int error;

    switch ((enum watch_state)self->state) {
    case WATCH_START:
        error = edo_reactor_watch(cx->reactor, &watch->source, watch->fd, watch->events, cx->waker);
        if (error)
            return edo_future_fail(self, error);
        edo_future_goto(self, WATCH_ARMED);
        return EDO_PENDING;
    case WATCH_ARMED:
        if (edo_source_is_pending(&watch->source)) {
            watch->source.waker = cx->waker;
            return EDO_PENDING;
        }
        break;
    }
    if (watch->source.state != EDO_SOURCE_FIRED)
        return edo_future_fail(self, -ECANCELED); /* disarmed behind its back */
    watch->ready = (uint32_t)watch->source.result;
    return edo_future_done(self, NULL);
}

static bool watch_cancel(struct edo_future *self)
{
    edo_source_disarm(&edo_container_of(self, struct edo_watch, future)->source);
    return true;
}

static const struct edo_future_type watch_type = {
    .name = "watch", .poll = watch_poll, .cancel = watch_cancel, .state_names = state_names};

void edo_watch_init(struct edo_watch *watch, int fd, uint32_t events)
{
    edo_future_init(&watch->future, &watch_type);
    edo_source_init(&watch->source);
    watch->fd = fd;
    watch->events = events;
    watch->ready = 0;
}
