/* SPDX-License-Identifier: MIT */
/* edo_timers.c - edo's reactor by itself: timers with wakers, what a callback library offers. */
#include "edo.h"
#include "edo_variant.h"
#include "workload.h"

static struct edo_reactor reactor;
static struct edo_reactor_options options;
static struct edo_source *timers;
static uint64_t looked_ns; /* the time when the loop last looked */
static bool is_busy;
static bool is_stopped;

static void on_timer(void *data, struct edo_cause cause)
{
    (void)cause;
    if (workload_fired((size_t)((struct edo_source *)data - timers)))
        is_stopped = true;
}

static bool timers_open(const char *variant)
{
    if (!edo_variant_find(variant, &options) || edo_reactor_open(&reactor, &options) != 0)
        return false;
    looked_ns = edo_clock_now(&reactor.clock);
    return true;
}

static void timers_take(size_t n)
{
    if (edo_variant_takes_fds(&options))
        workload_need_fds(n);
    timers = workload_alloc(n, sizeof *timers);
    for (size_t i = 0; i < n; i++)
        edo_source_init(&timers[i]);
}

static void check(int error)
{
    if (error)
        workload_fail("edo");
}

static void arm_for(size_t i, uint64_t delay_ns)
{
    struct edo_waker waker = {on_timer, &timers[i]};

    check(edo_reactor_arm_for(&reactor, &timers[i], delay_ns, waker));
}

static void timers_arm(size_t i)
{
    arm_for(i, workload_delay(i));
}

static void timers_rearm(size_t i, uint64_t delay_ns)
{
    edo_source_rearm_until(&timers[i], looked_ns + delay_ns);
}

static void timers_rearm_now(size_t i, uint64_t delay_ns)
{
    edo_source_rearm_until(&timers[i], edo_clock_now(&reactor.clock) + delay_ns);
}

static void timers_disarm(size_t i)
{
    edo_source_disarm(&timers[i]);
}

static void timers_start_busy(void)
{
    is_busy = true;
}

static void timers_run(void)
{
    for (is_stopped = false; !is_stopped;) {
        if (edo_reactor_react(&reactor, is_busy ? EDO_NO_WAIT : EDO_WAIT) < 0)
            workload_fail("edo_reactor_react");
        if (is_busy)
            workload_burn();
    }
}

const struct peer peer = {.open = timers_open,
                          .take = timers_take,
                          .arm = timers_arm,
                          .rearm = timers_rearm,
                          .rearm_now = timers_rearm_now,
                          .disarm = timers_disarm,
                          .start_busy = timers_start_busy,
                          .run = timers_run};
