/* SPDX-License-Identifier: MIT */
#include "notice.h"

#include "../kernel/timer_driver.h"

enum notified_state { NOTIFIED_START = EDO_START, NOTIFIED_AWAITS_POST = EDO_FIRST_AWAIT };

static const char *const notified_states[] = {"NOTIFIED_AWAITS_POST"};

static enum edo_poll notified_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_notice *notice = edo_container_of(self, struct edo_notified, future)->notice;
    int error;

    switch ((enum notified_state)self->state) {
    case NOTIFIED_START:
        if (notice->waiter != NULL) /* it may have been woken, and not been polled yet */
            return edo_future_fail(self, -EBUSY);
        if (notice->has_come)
            break;
        error = edo_reactor_wait(cx->reactor, &notice->wait, notice->remote->event.fd, cx->waker);
        if (error)
            return edo_future_fail(self, error);
        notice->waiter = self;
        edo_future_goto(self, NOTIFIED_AWAITS_POST);
        return EDO_PENDING;
    case NOTIFIED_AWAITS_POST:
        if (edo_source_is_pending(&notice->wait)) {
            notice->wait.waker = cx->waker;
            return EDO_PENDING;
        }
        break;
    }
    notice->has_come = false;
    notice->waiter = NULL;
    return edo_future_done(self, NULL);
}

/* What came, but was not polled for, has come for the next. */
static enum edo_poll notified_cancel(struct edo_future *self)
{
    struct edo_notice *notice = edo_container_of(self, struct edo_notified, future)->notice;

    notice->has_come = notice->wait.state != EDO_SOURCE_ARMED;
    notice->waiter = NULL;
    edo_source_disarm(&notice->wait);
    return EDO_READY;
}

static const struct edo_part notified_parts[] = {{.kind = EDO_PART_WAIT,
                                                  .at = offsetof(struct edo_notified, notice),
                                                  .inside_at = offsetof(struct edo_notice, wait)},
                                                 {.kind = EDO_PART_END}};

static const struct edo_future_type notified_type = {"notified", notified_poll,   notified_cancel,
                                                     NULL,       notified_states, notified_parts};

void edo_notified_init(struct edo_notified *notified, struct edo_notice *notice)
{
    edo_future_init(&notified->future, &notified_type);
    notified->notice = notice;
}
