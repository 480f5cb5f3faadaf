/* SPDX-License-Identifier: MIT */
/* libevent_io.c - bufferevents, and events that another thread activates. It has no pool. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <stdlib.h>
#include <sys/time.h>

#include "io_workload.h"

static struct event_base *base;

static void open_base(void)
{
    base = event_base_new();
    if (base == NULL)
        io_fail("event_base_new");
}

/* --- The server ------------------------------------------------------------------------------- */

/* A client that doesn't take so much isn't read from. */
enum { MOST_TO_WRITE = 65536 };

static const struct io_service *service;

/* What was read is moved, and not copied. */
static void on_read(struct bufferevent *stream, void *unused)
{
    struct evbuffer *output = bufferevent_get_output(stream);

    (void)unused;
    evbuffer_add_buffer(output, bufferevent_get_input(stream));
    if (evbuffer_get_length(output) > MOST_TO_WRITE)
        bufferevent_disable(stream, EV_READ);
}

static void on_written(struct bufferevent *stream, void *unused)
{
    (void)unused;
    if ((bufferevent_get_enabled(stream) & EV_READ) == 0)
        bufferevent_enable(stream, EV_READ);
}

/* The end of the stream, an error, or a timeout. */
static void on_event(struct bufferevent *stream, short events, void *unused)
{
    (void)events;
    (void)unused;
    bufferevent_free(stream);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *address, int length, void *unused)
{
    struct bufferevent *stream = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    struct timeval timeout = {.tv_sec = (time_t)(service->timeout_ns / 1000000000)};

    (void)listener;
    (void)address;
    (void)length;
    (void)unused;
    if (stream == NULL)
        io_fail("bufferevent_socket_new");
    bufferevent_setcb(stream, on_read, on_written, on_event, NULL);
    if (service->timeout_ns != 0)
        bufferevent_set_timeouts(stream, &timeout, NULL);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static void libevent_serve(const struct io_service *how)
{
    struct evconnlistener *listener = NULL;

    service = how;
    open_base();
    listener = evconnlistener_new(base, on_connection, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, IO_LISTENER);
    if (listener == NULL)
        io_fail("evconnlistener_new");
    event_base_dispatch(base);
}

/* --- Another thread --------------------------------------------------------------------------- */

static struct event *posted;

static void on_posted(evutil_socket_t fd, short events, void *unused)
{
    (void)fd;
    (void)events;
    (void)unused;
    if (!io_answer())
        event_base_loopbreak(base);
}

static void libevent_open_remote(void)
{
    if (evthread_use_pthreads() != 0)
        io_fail("evthread_use_pthreads");
    open_base();
    posted = event_new(base, -1, EV_PERSIST, on_posted, NULL);
    if (posted == NULL)
        io_fail("event_new");
}

static void libevent_post(void)
{
    event_active(posted, EV_READ, 0);
}

static void libevent_run_remote(void)
{
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
}

const struct io_peer io_peer = {.serve = libevent_serve,
                                .open_remote = libevent_open_remote,
                                .post = libevent_post,
                                .run_remote = libevent_run_remote};
