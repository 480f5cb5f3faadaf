/* SPDX-License-Identifier: MIT */
#include "interval.h"

#include <assert.h>

#include "../kernel/reactor.h"

/* A tick that is no later than this is not a missed one (Tokio's number). */
#define INTERVAL_GRACE EDO_MS(5)

enum interval_state { INTERVAL_START = EDO_START, INTERVAL_AWAITS_TICK = EDO_FIRST_AWAIT };

static const char *const interval_states[] = {"INTERVAL_AWAITS_TICK"};

/* The next tick is due a period after `from_ns`. */
static void plan_next(struct edo_interval *interval, uint64_t now_ns)
{
    uint64_t late_ns = now_ns - interval->due_ns;
    uint64_t from_ns = interval->due_ns;
    enum edo_missed missed = late_ns > INTERVAL_GRACE ? interval->missed : EDO_MISSED_BURST;

    switch (missed) {
    case EDO_MISSED_BURST:
        break;
    case EDO_MISSED_DELAY:
        from_ns = now_ns;
        break;
    case EDO_MISSED_SKIP: /* the last k * period that has passed */
        from_ns = now_ns - late_ns % interval->period_ns;
        break;
    }
    interval->next_ns = edo_time_add(from_ns, interval->period_ns);
}

static enum edo_poll interval_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_interval *interval = edo_container_of(self, struct edo_interval, future);

    switch ((enum interval_state)self->state) {
    case INTERVAL_START:
        if (interval->period_ns == 0)
            return edo_future_fail(self, -EINVAL);
        if (!interval->is_planned)
            interval->next_ns = edo_time_add(edo_clock_now(&cx->reactor->clock), interval->next_ns);
        interval->is_planned = true;
        edo_sleep_until_init(&interval->sleep, interval->next_ns);
        edo_future_goto(self, INTERVAL_AWAITS_TICK);
        /* fall through */
    case INTERVAL_AWAITS_TICK:
        if (edo_future_await(self, &interval->sleep.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    if (edo_future_error(&interval->sleep.future) != 0)
        return edo_future_end_as(self, &interval->sleep.future);
    interval->due_ns = interval->next_ns;
    plan_next(interval, edo_clock_now(&cx->reactor->clock));
    return edo_future_done(self, &interval->due_ns);
}

static const struct edo_future_type interval_type = {"interval", interval_poll,   NULL,
                                                     NULL,       interval_states, NULL};

void edo_interval_init(struct edo_interval *interval, uint64_t period_ns, enum edo_missed missed)
{
    *interval = (struct edo_interval){.period_ns = period_ns, .missed = missed};
    edo_future_init(&interval->future, &interval_type);
}

void edo_interval_next(struct edo_interval *interval)
{
    assert(interval->future.state != INTERVAL_AWAITS_TICK);
    if (!edo_future_has_ended(&interval->future))
        return;
    edo_future_goto(&interval->future, INTERVAL_START);
    edo_future_init(&interval->future, &interval_type);
}

static void restart(struct edo_interval *interval, bool is_planned, uint64_t next_ns)
{
    interval->is_planned = is_planned;
    interval->next_ns = next_ns;
    if (interval->future.state == INTERVAL_AWAITS_TICK)
        edo_sleep_reset_until(&interval->sleep, next_ns);
    else if (edo_future_has_ended(&interval->future))
        edo_interval_next(interval);
}

void edo_interval_reset_at(struct edo_interval *interval, uint64_t next_ns)
{
    restart(interval, true, next_ns);
}

void edo_interval_reset_after(struct edo_interval *interval, uint64_t duration_ns)
{
    const struct edo_reactor *reactor = interval->sleep.timer.reactor;
    uint64_t now_ns = reactor != NULL ? edo_clock_now(&reactor->clock) : 0;

    restart(interval, reactor != NULL, edo_time_add(now_ns, duration_ns));
}

void edo_interval_reset(struct edo_interval *interval)
{
    edo_interval_reset_after(interval, interval->period_ns);
}
