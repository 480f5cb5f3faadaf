/* SPDX-License-Identifier: MIT */
/* libuv.c - uv_timer_t: a binary heap, whole ms, and a time that the loop reads once a turn. */
#include <uv.h>

#include "workload.h"

static uv_loop_t loop;
static uv_timer_t *timers;

/* cppcheck-suppress constParameter ; the library says how it looks */
static void on_timer(uv_timer_t *timer)
{
    if (workload_fired((size_t)(timer - timers)))
        uv_stop(&loop);
}

static bool libuv_open(const char *variant)
{
    (void)variant;
    return uv_loop_init(&loop) == 0;
}

static void libuv_take(size_t n)
{
    timers = workload_alloc(n, sizeof *timers);
    for (size_t i = 0; i < n; i++)
        uv_timer_init(&loop, &timers[i]);
}

static void libuv_rearm(size_t i, uint64_t delay_ns)
{
    uv_timer_start(&timers[i], on_timer, workload_round_up(delay_ns, NS_PER_MS), 0);
}

static void libuv_look(void)
{
    uv_update_time(&loop);
}

static void libuv_rearm_now(size_t i, uint64_t delay_ns)
{
    libuv_look();
    libuv_rearm(i, delay_ns);
}

static void libuv_arm(size_t i)
{
    libuv_rearm(i, workload_delay(i));
}

static void libuv_disarm(size_t i)
{
    uv_timer_stop(&timers[i]);
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
    workload_burn();
}

static void libuv_start_busy(void)
{
    static uv_idle_t idle;

    uv_idle_init(&loop, &idle);
    uv_idle_start(&idle, on_idle);
}

static void libuv_run(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

const struct peer peer = {.open = libuv_open,
                          .take = libuv_take,
                          .look = libuv_look,
                          .arm = libuv_arm,
                          .rearm = libuv_rearm,
                          .rearm_now = libuv_rearm_now,
                          .disarm = libuv_disarm,
                          .start_busy = libuv_start_busy,
                          .run = libuv_run};
