/* SPDX-License-Identifier: MIT */
/* libev.c - ev_timer: a 4-heap, seconds as a double, and a time that the loop reads once a turn. */
#include <ev.h>

#include "workload.h"

static struct ev_loop *loop;
static struct ev_timer *timers;

/* cppcheck-suppress constParameter ; the library says how it looks */
static void on_timer(struct ev_loop *in, struct ev_timer *timer, int events)
{
    (void)events;
    if (workload_fired((size_t)(timer - timers)))
        ev_break(in, EVBREAK_ALL);
}

static bool libev_open(const char *variant)
{
    (void)variant;
    loop = ev_loop_new(EVBACKEND_EPOLL);
    return loop != NULL;
}

static void libev_take(size_t n)
{
    timers = workload_alloc(n, sizeof *timers);
    for (size_t i = 0; i < n; i++)
        ev_init(&timers[i], on_timer);
}

/* The manual restarts timers in this way: a repeat, and "again". */
static void libev_rearm(size_t i, uint64_t delay_ns)
{
    timers[i].repeat = (double)delay_ns / 1e9;
    ev_timer_again(loop, &timers[i]);
}

static void libev_look(void)
{
    ev_now_update(loop);
}

static void libev_rearm_now(size_t i, uint64_t delay_ns)
{
    libev_look();
    libev_rearm(i, delay_ns);
}

static void libev_arm(size_t i)
{
    ev_timer_set(&timers[i], (double)workload_delay(i) / 1e9, 0.);
    ev_timer_start(loop, &timers[i]);
}

static void libev_disarm(size_t i)
{
    ev_timer_stop(loop, &timers[i]);
}

static void on_idle(struct ev_loop *in, struct ev_idle *idle, int events)
{
    (void)in;
    (void)idle;
    (void)events;
    workload_burn();
}

static void libev_start_busy(void)
{
    static struct ev_idle idle;

    ev_idle_init(&idle, on_idle);
    ev_idle_start(loop, &idle);
}

static void libev_run(void)
{
    ev_run(loop, 0);
}

const struct peer peer = {.open = libev_open,
                          .take = libev_take,
                          .look = libev_look,
                          .arm = libev_arm,
                          .rearm = libev_rearm,
                          .rearm_now = libev_rearm_now,
                          .disarm = libev_disarm,
                          .start_busy = libev_start_busy,
                          .run = libev_run};
