/* SPDX-License-Identifier: MIT */
/* sd_event.c - systemd's loop: two priority queues for each clock, one timerfd, us. Accuracy 1 us;
 * its default of 250 ms is for another purpose than this. */
#include <systemd/sd-event.h>

#include "workload.h"

struct timer {
    sd_event_source *source;
};

static sd_event *loop;
static struct timer *timers;
static bool is_stopped;

static int on_timer(sd_event_source *source, uint64_t us, void *data)
{
    (void)source;
    (void)us;
    if (workload_fired((size_t)((struct timer *)data - timers)))
        is_stopped = true;
    return 0;
}

static bool sd_open(const char *variant)
{
    (void)variant;
    return sd_event_new(&loop) >= 0;
}

static void sd_take(size_t n)
{
    timers = workload_alloc(n, sizeof *timers);
}

static void sd_arm(size_t i)
{
    uint64_t us = workload_round_up(workload_delay(i), NS_PER_US);

    if (sd_event_add_time_relative(loop, &timers[i].source, CLOCK_MONOTONIC, us, 1, on_timer,
                                   &timers[i]) < 0)
        workload_fail("sd_event_add_time_relative");
}

static void sd_rearm(size_t i, uint64_t delay_ns)
{
    sd_event_source_set_time_relative(timers[i].source, workload_round_up(delay_ns, NS_PER_US));
}

static void sd_disarm(size_t i)
{
    timers[i].source = sd_event_source_unref(timers[i].source);
}

static int on_busy(sd_event_source *source, void *data)
{
    (void)source;
    (void)data;
    workload_burn();
    return 0;
}

/* Below the timers: of the same priority, it would be dispatched for ever, and nothing else. */
static void sd_start_busy(void)
{
    sd_event_source *busy = NULL;

    if (sd_event_add_defer(loop, &busy, on_busy, NULL) < 0 ||
        sd_event_source_set_priority(busy, SD_EVENT_PRIORITY_IDLE) < 0 ||
        sd_event_source_set_enabled(busy, SD_EVENT_ON) < 0)
        workload_fail("sd_event_add_defer");
}

static void sd_run(void)
{
    for (is_stopped = false; !is_stopped;)
        if (sd_event_run(loop, UINT64_MAX) < 0)
            workload_fail("sd_event_run");
}

const struct peer peer = {.open = sd_open,
                          .take = sd_take,
                          .arm = sd_arm,
                          .rearm = sd_rearm,
                          .disarm = sd_disarm,
                          .start_busy = sd_start_busy,
                          .run = sd_run};
