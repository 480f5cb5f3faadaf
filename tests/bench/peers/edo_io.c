/* SPDX-License-Identifier: MIT */
/* edo_io.c - a task for each connection, notices, the pool; on the wheel. */
#include <stddef.h>
#include <stdlib.h>

#include "edo.h"
#include "edo_variant.h"
#include "io_workload.h"
#include "measure.h"

static struct edo_executor executor;

static void check(int error, const char *what)
{
    if (!error)
        return;
    errno = -error;
    io_fail(what);
}

static void open_executor(void)
{
    struct edo_reactor_options options;

    if (!edo_variant_find("wheel", &options))
        exit(EXIT_FAILURE);
    check(edo_executor_open(&executor, &options), "edo_executor_open");
}

static void spawn(struct edo_task *task, const char *name, struct edo_future *future)
{
    edo_task_init(task, name, future);
    check(edo_executor_spawn(&executor, task), "edo_executor_spawn");
}

/* Runs `future` as a task, to its end, and all others that there are by then. */
static void run(struct edo_future *future)
{
    struct edo_task task;

    spawn(&task, "bench", future);
    check(edo_executor_run(&executor), "edo_executor_run");
    check(edo_future_error(future), "edo_executor_run");
}

/* --- A connection ----------------------------------------------------------------------------- */

static const struct io_service *service;

enum connection_state {
    CONNECTION_START = EDO_START,
    CONNECTION_AWAITS_READ = EDO_FIRST_AWAIT,
    CONNECTION_AWAITS_WRITE,
};

struct connection {
    struct edo_future future;
    struct edo_task task;
    struct edo_io io;
    struct edo_timeout timeout; /* with a timeout only */
    union {
        struct edo_read read;   /* at CONNECTION_AWAITS_READ */
        struct edo_write write; /* at CONNECTION_AWAITS_WRITE */
    };
    unsigned char buffer[];
};

static void start_read(struct connection *connection)
{
    struct edo_future *read = &connection->read.operation.future;

    edo_read_init(&connection->read, &connection->io, connection->buffer, service->buffer_size);
    if (service->timeout_ns != 0)
        edo_timeout_init(&connection->timeout, read, service->timeout_ns);
}

static struct edo_future *pending_read(struct connection *connection)
{
    return service->timeout_ns != 0 ? &connection->timeout.future
                                    : &connection->read.operation.future;
}

static void start_write(struct connection *connection)
{
    edo_write_init(&connection->write, &connection->io, connection->buffer, connection->read.done);
}

/* loop { let n = stream.read(buffer).await?; if n == 0 { break }
 *        stream.write_all(&buffer[..n]).await? } */
static enum edo_poll connection_poll(struct edo_future *self, struct edo_context *cx)
{
    struct connection *connection = edo_container_of(self, struct connection, future);

    for (;;) {
        switch ((enum connection_state)self->state) {
        case CONNECTION_START:
            start_read(connection);
            edo_future_goto(self, CONNECTION_AWAITS_READ);
            break;
        case CONNECTION_AWAITS_READ:
            if (edo_future_await(self, pending_read(connection), cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(pending_read(connection)) || connection->read.done == 0)
                return edo_future_done(self, NULL);
            start_write(connection);
            edo_future_goto(self, CONNECTION_AWAITS_WRITE);
            break;
        case CONNECTION_AWAITS_WRITE:
            if (edo_future_await(self, &connection->write.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&connection->write.operation.future))
                return edo_future_done(self, NULL);
            start_read(connection);
            edo_future_goto(self, CONNECTION_AWAITS_READ);
            break;
        }
    }
}

static const struct edo_future_type connection_type = {.name = "connection",
                                                       .poll = connection_poll};

/* The joiner of its task: the task has ended, and is the caller's again. */
static void close_connection(void *data, struct edo_cause cause)
{
    struct connection *connection = data;

    (void)cause;
    edo_io_close(&connection->io);
    free(connection);
}

static void spawn_connection(int fd)
{
    struct connection *connection = io_alloc(sizeof *connection + service->buffer_size);

    check(edo_io_open(&connection->io, &executor.reactor, fd), "edo_io_open");
    edo_future_init(&connection->future, &connection_type);
    edo_task_init(&connection->task, "connection", &connection->future);
    connection->task.joiner = (struct edo_waker){close_connection, connection};
    check(edo_executor_spawn(&executor, &connection->task), "edo_executor_spawn");
}

/* --- The server ------------------------------------------------------------------------------- */

struct server {
    struct edo_future future;
    struct edo_io listener;
    struct edo_accept accept;
};

/* loop { spawn(connection(listener.accept().await?)) } */
static enum edo_poll server_poll(struct edo_future *self, struct edo_context *cx)
{
    struct server *server = edo_container_of(self, struct server, future);

    if (self->state == EDO_START) {
        edo_accept_init(&server->accept, &server->listener);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &server->accept.operation.future, cx) == EDO_READY) {
        if (edo_future_error(&server->accept.operation.future))
            return edo_future_end_as(self, &server->accept.operation.future);
        spawn_connection(server->accept.fd);
        edo_accept_init(&server->accept, &server->listener);
    }
    return EDO_PENDING;
}

static const struct edo_future_type server_type = {.name = "server", .poll = server_poll};

static void edo_serve(const struct io_service *how)
{
    struct server server;

    service = how;
    measure_print("sizeof", (double)offsetof(struct connection, buffer));
    fflush(stdout);
    open_executor();
    check(edo_io_open(&server.listener, &executor.reactor, IO_LISTENER), "edo_io_open");
    edo_future_init(&server.future, &server_type);
    run(&server.future);
}

/* --- Another thread --------------------------------------------------------------------------- */

static struct edo_remote door;
static struct edo_notice notice;

struct answerer {
    struct edo_future future;
    struct edo_notified notified;
};

/* loop { notice.await; answer() } */
static enum edo_poll answerer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct answerer *answerer = edo_container_of(self, struct answerer, future);

    if (self->state == EDO_START) {
        edo_notified_init(&answerer->notified, &notice);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &answerer->notified.future, cx) == EDO_READY) {
        if (!io_answer())
            return edo_future_done(self, NULL);
        edo_notified_init(&answerer->notified, &notice);
    }
    return EDO_PENDING;
}

static const struct edo_future_type answerer_type = {.name = "answerer", .poll = answerer_poll};

static void edo_open_remote(void)
{
    open_executor();
    check(edo_remote_open(&door, &executor.reactor), "edo_remote_open");
    edo_notice_init(&notice, &door);
}

static void edo_post(void)
{
    edo_notice_post(&notice);
}

static void edo_run_remote(void)
{
    struct answerer answerer;

    edo_future_init(&answerer.future, &answerer_type);
    run(&answerer.future);
}

/* --- The pool --------------------------------------------------------------------------------- */

/* As libuv's comes. */
enum { THREADS = 4 };

static struct edo_pool pool;

struct caller {
    struct edo_future future;
    struct edo_offload offload;
    uint64_t request;
};

static int call(void *request)
{
    (void)request;
    io_blocking();
    return 0;
}

static void start_call(struct caller *caller)
{
    edo_offload_init(&caller->offload, &pool, call, &caller->request, sizeof caller->request);
}

/* loop { offload(call).await } */
static enum edo_poll caller_poll(struct edo_future *self, struct edo_context *cx)
{
    struct caller *caller = edo_container_of(self, struct caller, future);

    if (self->state == EDO_START) {
        start_call(caller);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &caller->offload.future, cx) == EDO_READY) {
        if (edo_future_error(&caller->offload.future) || !io_returned())
            return edo_future_end_as(self, &caller->offload.future);
        start_call(caller);
    }
    return EDO_PENDING;
}

static const struct edo_future_type caller_type = {.name = "caller", .poll = caller_poll};

static void edo_run_offload(void)
{
    static pthread_t threads[THREADS];
    static struct edo_slot slots[THREADS];
    static uint64_t requests[THREADS];
    struct edo_pool_options options = {threads, THREADS,  slots,
                                       THREADS, requests, sizeof *requests};
    struct caller caller = {.request = 0};

    edo_open_remote();
    check(edo_pool_open(&pool, &door, &options), "edo_pool_open");
    edo_future_init(&caller.future, &caller_type);
    run(&caller.future);
    edo_pool_close(&pool);
}

const struct io_peer io_peer = {.serve = edo_serve,
                                .open_remote = edo_open_remote,
                                .post = edo_post,
                                .run_remote = edo_run_remote,
                                .run_offload = edo_run_offload};
