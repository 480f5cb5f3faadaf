/* SPDX-License-Identifier: MIT */
/* libuv_io.c - uv_tcp_t, uv_async_t, uv_queue_work.
 *
 * What can be written at once is (uv_try_write): it is libuv's cheapest way. Only for the rest
 * there is a request, and the connection isn't read from until that is done. */
#include <stdlib.h>
#include <uv.h>

#include "io_workload.h"

static uv_loop_t loop;

static void check(int error, const char *what)
{
    if (error >= 0)
        return;
    errno = -error;
    io_fail(what);
}

/* --- The server ------------------------------------------------------------------------------- */

struct connection {
    uv_tcp_t tcp;
    uv_timer_t timer; /* with a timeout only */
    uv_write_t write;
    unsigned handles; /* that are not closed */
    char buffer[];
};

static const struct io_service *service;

static void on_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    if (--connection->handles == 0)
        free(connection);
}

static void close_connection(struct connection *connection)
{
    uv_handle_t *tcp = (uv_handle_t *)&connection->tcp;

    if (uv_is_closing(tcp))
        return;
    uv_close(tcp, on_closed);
    if (service->timeout_ns != 0)
        uv_close((uv_handle_t *)&connection->timer, on_closed);
}

/* cppcheck-suppress constParameterCallback ; the library says how it looks */
static void on_timeout(uv_timer_t *timer)
{
    close_connection(timer->data);
}

/* cppcheck-suppress constParameterCallback */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(connection->buffer, (unsigned)service->buffer_size);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void on_written(uv_write_t *write, int status)
{
    if (status == 0)
        uv_read_start(write->handle, on_alloc, on_read);
    else
        close_connection(write->handle->data);
}

static void write_all(struct connection *connection, uv_buf_t all)
{
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    int count = uv_try_write(stream, &all, 1);
    size_t done = count > 0 ? (size_t)count : 0;
    uv_buf_t rest = uv_buf_init(all.base + done, (unsigned)(all.len - done));

    if (count < 0 && count != UV_EAGAIN) {
        close_connection(connection);
    } else if (rest.len > 0) {
        uv_read_stop(stream);
        check(uv_write(&connection->write, stream, &rest, 1, on_written), "uv_write");
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;

    if (count < 0) {
        close_connection(connection);
        return;
    }
    if (count == 0)
        return;
    if (service->timeout_ns != 0)
        uv_timer_again(&connection->timer);
    write_all(connection, uv_buf_init(buffer->base, (unsigned)count));
}

static void start_timer(struct connection *connection)
{
    uint64_t timeout_ms = service->timeout_ns / 1000000;

    uv_timer_init(&loop, &connection->timer);
    connection->timer.data = connection;
    connection->handles++;
    uv_timer_start(&connection->timer, on_timeout, timeout_ms, timeout_ms);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct connection *connection = io_alloc(sizeof *connection + service->buffer_size);

    check(status, "uv_listen");
    check(uv_tcp_init(&loop, &connection->tcp), "uv_tcp_init");
    connection->tcp.data = connection;
    connection->handles = 1;
    check(uv_accept(server, (uv_stream_t *)&connection->tcp), "uv_accept");
    if (service->timeout_ns != 0)
        start_timer(connection);
    check(uv_read_start((uv_stream_t *)&connection->tcp, on_alloc, on_read), "uv_read_start");
}

static void libuv_serve(const struct io_service *how)
{
    static uv_tcp_t server;

    service = how;
    check(uv_loop_init(&loop), "uv_loop_init");
    check(uv_tcp_init(&loop, &server), "uv_tcp_init");
    check(uv_tcp_open(&server, IO_LISTENER), "uv_tcp_open");
    check(uv_listen((uv_stream_t *)&server, SOMAXCONN, on_connection), "uv_listen");
    uv_run(&loop, UV_RUN_DEFAULT);
}

/* --- Another thread --------------------------------------------------------------------------- */

static uv_async_t async;

static void on_async(uv_async_t *handle)
{
    if (!io_answer())
        uv_close((uv_handle_t *)handle, NULL);
}

static void libuv_open_remote(void)
{
    check(uv_loop_init(&loop), "uv_loop_init");
    check(uv_async_init(&loop, &async, on_async), "uv_async_init");
}

static void libuv_post(void)
{
    uv_async_send(&async);
}

static void libuv_run_remote(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
}

/* --- The pool, of four threads as it comes ---------------------------------------------------- */

static uv_work_t work;

static void on_work(uv_work_t *request)
{
    (void)request;
    io_blocking();
}

static void after_work(uv_work_t *request, int status)
{
    check(status, "uv_queue_work");
    if (io_returned())
        check(uv_queue_work(&loop, request, on_work, after_work), "uv_queue_work");
}

static void libuv_run_offload(void)
{
    check(uv_loop_init(&loop), "uv_loop_init");
    check(uv_queue_work(&loop, &work, on_work, after_work), "uv_queue_work");
    uv_run(&loop, UV_RUN_DEFAULT);
}

const struct io_peer io_peer = {.serve = libuv_serve,
                                .open_remote = libuv_open_remote,
                                .post = libuv_post,
                                .run_remote = libuv_run_remote,
                                .run_offload = libuv_run_offload};
