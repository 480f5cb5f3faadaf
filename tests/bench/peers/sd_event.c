/* SPDX-License-Identifier: MIT */
/* sd_event.c - systemd's loop: two priority queues for each clock, one timerfd, us. Accuracy 1 us;
 * its default of 250 ms is for another purpose than this. */
#include <systemd/sd-event.h>

#include "measure.h"
#include "workload.h"

struct timer {
    sd_event_source *source;
};

static sd_event *loop;
static struct timer *timers;
static bool is_stopped;
static bool has_run;

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

/* Until it has run it reads its clock for each timer; from then on, for each turn only. */
static void sd_look(void)
{
    if (has_run && sd_event_run(loop, 0) < 0)
        workload_fail("sd_event_run");
}

static void sd_arm(size_t i)
{
    uint64_t us = workload_round_up(workload_delay(i), NS_PER_US);

    if (timers[i].source != NULL) { /* it has elapsed, and is set anew */
        sd_event_source_set_time_relative(timers[i].source, us);
        sd_event_source_set_enabled(timers[i].source, SD_EVENT_ONESHOT);
        return;
    }
    if (sd_event_add_time_relative(loop, &timers[i].source, CLOCK_MONOTONIC, us, 1, on_timer,
                                   &timers[i]) < 0)
        workload_fail("sd_event_add_time_relative");
}

static void sd_rearm(size_t i, uint64_t delay_ns)
{
    sd_event_source_set_time_relative(timers[i].source, workload_round_up(delay_ns, NS_PER_US));
}

/* Its relative times are counted, in a callback, from when the loop last read its clock. */
static void sd_rearm_now(size_t i, uint64_t delay_ns)
{
    sd_event_source_set_time(timers[i].source,
                             workload_round_up(measure_now() + delay_ns, NS_PER_US));
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

static void (*to_call)(void);

static int on_inside(sd_event_source *source, void *data)
{
    (void)source;
    (void)data;
    to_call();
    return 0;
}

static void sd_inside(void (*call)(void))
{
    to_call = call;
    if (sd_event_add_defer(loop, NULL, on_inside, NULL) < 0 || sd_event_run(loop, UINT64_MAX) < 0)
        workload_fail("sd_event_add_defer");
}

static void sd_run(void)
{
    has_run = true;
    for (is_stopped = false; !is_stopped;)
        if (sd_event_run(loop, UINT64_MAX) < 0)
            workload_fail("sd_event_run");
}

const struct peer peer = {.open = sd_open,
                          .take = sd_take,
                          .look = sd_look,
                          .inside = sd_inside,
                          .arm = sd_arm,
                          .rearm = sd_rearm,
                          .rearm_now = sd_rearm_now,
                          .disarm = sd_disarm,
                          .start_busy = sd_start_busy,
                          .run = sd_run};
