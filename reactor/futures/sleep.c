#include "sleep.h"

#include <errno.h>

#include "../base/container_of.h"
#include "../kernel/reactor.h"

enum sleep_state { SLEEP_START = EDO_START, SLEEP_ARMED = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"SLEEP_ARMED"};

static const struct edo_future_type sleep_type;
static const struct edo_future_type sleep_until_type;

static int arm_timer(struct edo_sleep *sleep, struct edo_context *cx)
{
    if (sleep->future.type == &sleep_until_type)
        return edo_reactor_arm_until(cx->reactor, &sleep->timer, sleep->time_ns, cx->waker);
    return edo_reactor_arm_for(cx->reactor, &sleep->timer, sleep->time_ns, cx->waker);
}

static enum edo_poll sleep_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_sleep *sleep = edo_container_of(self, struct edo_sleep, future);
    int error;

    switch ((enum sleep_state)self->state) {
    case SLEEP_START:
        error = arm_timer(sleep, cx);
        if (error)
            return edo_future_fail(self, error);
        edo_future_goto(self, SLEEP_ARMED);
        return EDO_PENDING;
    case SLEEP_ARMED:
        if (edo_source_is_pending(&sleep->timer)) {
            sleep->timer.waker = cx->waker; /* whoever polled last is who waits */
            return EDO_PENDING;
        }
        break;
    }
    if (sleep->timer.state != EDO_SOURCE_FIRED)
        return edo_future_fail(self, -ECANCELED); /* disarmed behind its back */
    if (sleep->timer.result < 0)
        return edo_future_fail(self, sleep->timer.result);
    return edo_future_done(self, NULL);
}

static bool sleep_cancel(struct edo_future *self)
{
    edo_source_disarm(&edo_container_of(self, struct edo_sleep, future)->timer);
    return true;
}

static const struct edo_future_type sleep_type = {
    .name = "sleep", .poll = sleep_poll, .cancel = sleep_cancel, .state_names = state_names};

static const struct edo_future_type sleep_until_type = {
    .name = "sleep_until", .poll = sleep_poll, .cancel = sleep_cancel, .state_names = state_names};

static void init(struct edo_sleep *sleep, const struct edo_future_type *type, uint64_t time_ns)
{
    edo_future_init(&sleep->future, type);
    edo_source_init(&sleep->timer);
    sleep->time_ns = time_ns;
}

void edo_sleep_init(struct edo_sleep *sleep, uint64_t duration_ns)
{
    init(sleep, &sleep_type, duration_ns);
}

void edo_sleep_until_init(struct edo_sleep *sleep, uint64_t deadline_ns)
{
    init(sleep, &sleep_until_type, deadline_ns);
}

/* Arming again is left to the poll, so that an error of the kernel's comes out where it always
 * does: as the result of the sleep. */
static void reset(struct edo_sleep *sleep, const struct edo_future_type *type, uint64_t time_ns)
{
    bool is_awaited = sleep->future.state == SLEEP_ARMED;
    struct edo_waker waker = sleep->timer.waker;

    edo_source_disarm(&sleep->timer);
    init(sleep, type, time_ns);
    if (is_awaited)
        edo_wake(waker);
}

void edo_sleep_reset(struct edo_sleep *sleep, uint64_t duration_ns)
{
    reset(sleep, &sleep_type, duration_ns);
}

void edo_sleep_reset_until(struct edo_sleep *sleep, uint64_t deadline_ns)
{
    reset(sleep, &sleep_until_type, deadline_ns);
}
