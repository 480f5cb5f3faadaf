/* SPDX-License-Identifier: MIT */
#include "sleep.h"

#include "../kernel/reactor.h"

enum sleep_state { SLEEP_START = EDO_START, SLEEP_ARMED = EDO_FIRST_AWAIT };

static const char *const sleep_states[] = {"SLEEP_ARMED"};

static enum edo_poll sleep_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_source *timer = &edo_container_of(self, struct edo_sleep, future)->timer;
    int error = 0;

    switch ((enum sleep_state)self->state) {
    case SLEEP_START:
        if (timer->is_relative)
            error = edo_reactor_arm_for(cx->reactor, timer, timer->due_ns, cx->waker);
        else
            error = edo_reactor_arm_until(cx->reactor, timer, timer->due_ns, cx->waker);
        if (error)
            break;
        edo_future_goto(self, SLEEP_ARMED);
        return EDO_PENDING;
    case SLEEP_ARMED:
        if (edo_source_is_pending(timer)) {
            timer->waker = cx->waker; /* whoever polled last is who waits */
            return EDO_PENDING;
        }
        error = timer->state == EDO_SOURCE_FIRED ? timer->result : -ECANCELED;
        break; /* the latter: disarmed behind its back */
    }
    return error ? edo_future_fail(self, error) : edo_future_done(self, NULL);
}

static enum edo_poll sleep_cancel(struct edo_future *self)
{
    edo_source_disarm(&edo_container_of(self, struct edo_sleep, future)->timer);
    return EDO_READY;
}

static const struct edo_part sleep_parts[] = {
    {.kind = EDO_PART_SOURCE, .at = offsetof(struct edo_sleep, timer)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type sleep_type = {"sleep", sleep_poll,   sleep_cancel,
                                                  NULL,    sleep_states, sleep_parts};

void edo_sleep_init(struct edo_sleep *sleep, uint64_t duration_ns)
{
    edo_future_init(&sleep->future, &sleep_type);
    edo_source_init(&sleep->timer);
    sleep->timer.is_relative = true;
    sleep->timer.due_ns = duration_ns;
}

void edo_sleep_until_init(struct edo_sleep *sleep, uint64_t deadline_ns)
{
    edo_sleep_init(sleep, deadline_ns);
    sleep->timer.is_relative = false;
}

/* === From here on: the evening ================================================================ */

/* Whether the sleep is awaited; then only its timer needs another deadline. Otherwise it is at its
 * start again. */
static bool sleep_is_awaited(struct edo_sleep *sleep)
{
    if (edo_future_has_ended(&sleep->future))
        edo_future_goto(&sleep->future, SLEEP_START);
    return sleep->future.state == SLEEP_ARMED;
}

void edo_sleep_reset(struct edo_sleep *sleep, uint64_t duration_ns)
{
    if (sleep_is_awaited(sleep))
        edo_source_rearm_until(
            &sleep->timer, edo_time_add(edo_clock_now(&sleep->timer.reactor->clock), duration_ns));
    else
        edo_sleep_init(sleep, duration_ns);
}

void edo_sleep_reset_until(struct edo_sleep *sleep, uint64_t deadline_ns)
{
    if (sleep_is_awaited(sleep))
        edo_source_rearm_until(&sleep->timer, deadline_ns);
    else
        edo_sleep_until_init(sleep, deadline_ns);
}
