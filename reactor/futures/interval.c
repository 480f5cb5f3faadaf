#include "interval.h"

#include <assert.h>
#include <errno.h>

#include "../base/container_of.h"
#include "../kernel/reactor.h"

/* What Delay takes for late. */
#define LATE EDO_MS(5)

enum interval_state { INTERVAL_START = EDO_START, INTERVAL_AWAITS_TICK = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"INTERVAL_AWAITS_TICK"};

static void plan_first(struct edo_interval *interval, uint64_t now_ns)
{
    switch (interval->plan) {
    case EDO_INTERVAL_NOW:
        interval->next_ns = now_ns;
        break;
    case EDO_INTERVAL_LATER:
        interval->next_ns = edo_time_add(now_ns, interval->period_ns);
        break;
    case EDO_INTERVAL_PLANNED:
        break;
    }
    interval->plan = EDO_INTERVAL_PLANNED;
}

/* The first k * period after `due_ns` that lies ahead of `now_ns`. */
static uint64_t next_ahead(uint64_t due_ns, uint64_t period_ns, uint64_t now_ns)
{
    uint64_t passed_ns = (now_ns - due_ns) / period_ns * period_ns;

    return edo_time_add(due_ns + passed_ns, period_ns);
}

static void plan_next(struct edo_interval *interval, uint64_t now_ns)
{
    uint64_t period_ns = interval->period_ns;
    uint64_t late_ns = now_ns - interval->due_ns;

    interval->next_ns = edo_time_add(interval->due_ns, period_ns);
    switch (interval->missed) {
    case EDO_MISSED_BURST:
        break;
    case EDO_MISSED_DELAY:
        if (late_ns >= LATE || late_ns >= period_ns)
            interval->next_ns = edo_time_add(now_ns, period_ns);
        break;
    case EDO_MISSED_SKIP:
        interval->next_ns = next_ahead(interval->due_ns, period_ns, now_ns);
        break;
    }
}

static enum edo_poll interval_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_interval *interval = edo_container_of(self, struct edo_interval, future);

    switch ((enum interval_state)self->state) {
    case INTERVAL_START:
        if (interval->period_ns == 0)
            return edo_future_fail(self, -EINVAL);
        plan_first(interval, edo_clock_now(&cx->reactor->clock));
        edo_sleep_until_init(&interval->sleep, interval->next_ns);
        edo_future_goto(self, INTERVAL_AWAITS_TICK);
        /* fall through */
    case INTERVAL_AWAITS_TICK:
        if (edo_future_await(self, &interval->sleep.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    if (interval->sleep.future.error)
        return edo_future_fail(self, interval->sleep.future.error);
    interval->due_ns = interval->next_ns;
    plan_next(interval, edo_clock_now(&cx->reactor->clock));
    return edo_future_done(self, &interval->due_ns);
}

static const struct edo_future_type interval_type = {
    .name = "interval", .poll = interval_poll, .state_names = state_names};

void edo_interval_init(struct edo_interval *interval, uint64_t period_ns, enum edo_missed missed)
{
    *interval =
        (struct edo_interval){.period_ns = period_ns, .missed = missed, .plan = EDO_INTERVAL_NOW};
    edo_future_init(&interval->future, &interval_type);
    edo_sleep_until_init(&interval->sleep, 0);
}

void edo_interval_at_init(struct edo_interval *interval, uint64_t start_ns, uint64_t period_ns,
                          enum edo_missed missed)
{
    edo_interval_init(interval, period_ns, missed);
    interval->plan = EDO_INTERVAL_PLANNED;
    interval->next_ns = start_ns;
}

void edo_interval_next(struct edo_interval *interval)
{
    assert(edo_future_has_ended(&interval->future));
    edo_future_init(&interval->future, &interval_type);
}

void edo_interval_reset(struct edo_interval *interval)
{
    bool is_awaited = interval->future.state == INTERVAL_AWAITS_TICK;
    struct edo_waker waker = interval->sleep.timer.waker;

    edo_source_disarm(&interval->sleep.timer);
    edo_future_init(&interval->future, &interval_type);
    interval->plan = EDO_INTERVAL_LATER;
    if (is_awaited)
        edo_wake(waker);
}
