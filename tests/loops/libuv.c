/* SPDX-License-Identifier: MIT */
/* libuv.c - a runtime in libuv's loop: a uv_poll_t for edo's fd, a uv_prepare_t that asks before
 * each wait, and a uv_idle_t that is active while a task is ready, so that the loop doesn't wait.
 *
 * The uv_prepare_t keeps uv_run going though no task is left: one may be spawned later. Where the
 * loop is to end with the last task, uv_unref it, and start the uv_idle_t after each spawn from
 * outside. */
#include <uv.h>

#include "scenario.h"

static uv_loop_t loop;
static uv_poll_t readable;
static uv_prepare_t prepare;
static uv_idle_t ready;
static uv_timer_t timer;

static void take_turn(struct edo_executor *executor)
{
    must(edo_executor_turn_now(executor) == 0, "edo_executor_turn_now");
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    take_turn(handle->data);
}

static void on_ready(uv_idle_t *handle)
{
    take_turn(handle->data);
}

/* Before each wait. Where nothing that edo waits for can come, its fd means nothing. To start a
 * uv_poll_t that is active costs two epoll_ctl. */
static void on_prepare(uv_prepare_t *handle)
{
    int is_ready = edo_executor_prepare(handle->data);

    if (is_ready == 1)
        uv_idle_start(&ready, on_ready);
    else
        uv_idle_stop(&ready);
    if (is_ready < 0)
        uv_poll_stop(&readable);
    else if (!uv_is_active((uv_handle_t *)&readable))
        uv_poll_start(&readable, UV_READABLE, on_readable);
}

static void on_timer(uv_timer_t *handle)
{
    if (!scenario_tick())
        uv_timer_stop(handle);
}

static void uv_open(struct edo_executor *executor)
{
    must(uv_loop_init(&loop) == 0, "uv_loop_init");
    must(uv_poll_init(&loop, &readable, edo_reactor_fd(&executor->reactor)) == 0, "uv_poll_init");
    uv_prepare_init(&loop, &prepare);
    uv_idle_init(&loop, &ready);
    readable.data = prepare.data = ready.data = executor;
    uv_prepare_start(&prepare, on_prepare);

    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_timer, TICK_MS, TICK_MS);
}

static void uv_iterate(void)
{
    uv_run(&loop, UV_RUN_ONCE);
}

/* What libuv keeps for signals, a pipe, goes with the library. */
static void uv_end(void)
{
    uv_close((uv_handle_t *)&readable, NULL);
    uv_close((uv_handle_t *)&prepare, NULL);
    uv_close((uv_handle_t *)&ready, NULL);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    must(uv_loop_close(&loop) == 0, "uv_loop_close");
    uv_library_shutdown();
}

int main(int argc, char **argv)
{
    static const struct host host = {"libuv", uv_open, uv_iterate, uv_end};

    return scenario_main(argc, argv, &host);
}
