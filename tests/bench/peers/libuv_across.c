/* SPDX-License-Identifier: MIT */
/* libuv_across.c - a uv_loop_t and a uv_async_t for each thread. */
#include <errno.h>
#include <stdint.h>
#include <uv.h>

#include "across.h"

static uv_loop_t loops[2];
static uv_async_t asyncs[2];

static void on_async(uv_async_t *handle)
{
    if (!across_woken(handle == &asyncs[1]))
        uv_close((uv_handle_t *)handle, NULL);
}

static void libuv_open(unsigned loop)
{
    int error = uv_loop_init(&loops[loop]);

    if (!error)
        error = uv_async_init(&loops[loop], &asyncs[loop], on_async);
    errno = -error;
    if (error)
        across_fail("uv_async_init");
}

static void libuv_post(unsigned loop)
{
    uv_async_send(&asyncs[loop]);
}

static void libuv_run(unsigned loop)
{
    uv_run(&loops[loop], UV_RUN_DEFAULT);
}

const struct across_peer across_peer = {.open = libuv_open, .post = libuv_post, .run = libuv_run};
