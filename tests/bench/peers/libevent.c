/* SPDX-License-Identifier: MIT */
/* libevent.c - events with a timeout: a binary heap, us.
 *
 *   default   CLOCK_MONOTONIC_COARSE, and whole ms of epoll_wait
 *   precise   EVENT_BASE_FLAG_PRECISE_TIMER: CLOCK_MONOTONIC, and a timerfd */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <string.h>

#include "workload.h"

static struct event_base *base;
static struct event *timers;
static struct event *busy;

static struct timeval to_timeval(uint64_t ns)
{
    uint64_t us = workload_round_up(ns, NS_PER_US);

    return (struct timeval){.tv_sec = (time_t)(us / 1000000), .tv_usec = (long)(us % 1000000)};
}

static void on_timer(evutil_socket_t fd, short events, void *data)
{
    const struct event *timer = data;

    (void)fd;
    (void)events;
    if (workload_fired((size_t)(timer - timers)))
        event_base_loopbreak(base);
}

static bool libevent_open(const char *variant)
{
    struct event_config *config = event_config_new();
    bool is_precise = strcmp(variant, "precise") == 0;

    if (is_precise)
        event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    base = event_base_new_with_config(config);
    event_config_free(config);
    return base != NULL && (is_precise || strcmp(variant, "default") == 0);
}

static void libevent_take(size_t n)
{
    timers = workload_alloc(n, sizeof *timers);
    for (size_t i = 0; i < n; i++)
        event_assign(&timers[i], base, -1, 0, on_timer, &timers[i]);
}

static void libevent_rearm(size_t i, uint64_t delay_ns)
{
    struct timeval delay = to_timeval(delay_ns);

    event_add(&timers[i], &delay);
}

/* In a callback, a time is counted from when the loop last read its clock. */
static void libevent_rearm_now(size_t i, uint64_t delay_ns)
{
    event_base_update_cache_time(base);
    libevent_rearm(i, delay_ns);
}

static void libevent_arm(size_t i)
{
    libevent_rearm(i, workload_delay(i));
}

static void libevent_disarm(size_t i)
{
    event_del(&timers[i]);
}

static void on_busy(evutil_socket_t fd, short events, void *data)
{
    struct timeval at_once = {0};

    (void)fd;
    (void)events;
    (void)data;
    workload_burn();
    event_add(busy, &at_once);
}

static void libevent_start_busy(void)
{
    struct timeval at_once = {0};

    busy = event_new(base, -1, 0, on_busy, NULL);
    if (busy == NULL)
        workload_fail("event_new");
    event_add(busy, &at_once);
}

static void (*to_call)(void);

static void on_inside(evutil_socket_t fd, short events, void *data)
{
    (void)fd;
    (void)events;
    (void)data;
    to_call();
}

static void libevent_inside(void (*call)(void))
{
    struct timeval at_once = {0};

    to_call = call;
    if (event_base_once(base, -1, EV_TIMEOUT, on_inside, NULL, &at_once) != 0)
        workload_fail("event_base_once");
    event_base_loop(base, EVLOOP_ONCE);
}

static void libevent_run(void)
{
    event_base_dispatch(base);
}

const struct peer peer = {.open = libevent_open,
                          .take = libevent_take,
                          .inside = libevent_inside,
                          .arm = libevent_arm,
                          .rearm = libevent_rearm,
                          .rearm_now = libevent_rearm_now,
                          .disarm = libevent_disarm,
                          .start_busy = libevent_start_busy,
                          .run = libevent_run};
