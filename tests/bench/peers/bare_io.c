/* SPDX-License-Identifier: MIT */
/* bare_io.c - epoll and nothing else: level-triggered, a buffer for each connection. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_workload.h"
#include "measure.h"

static int epoll_fd;

static void open_epoll(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        io_fail("epoll_create1");
}

static void control(int operation, int fd, uint32_t events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};

    if (epoll_ctl(epoll_fd, operation, fd, &event) != 0)
        io_fail("epoll_ctl");
}

/* --- The server ------------------------------------------------------------------------------- */

struct connection {
    int fd;
    size_t length, sent; /* of what was read, and of that, what was written */
    uint64_t deadline_ns;
    TAILQ_ENTRY(connection) link;
    unsigned char buffer[];
};

/* With one timeout for all, the first in the list is the first that is due. */
static TAILQ_HEAD(connections, connection) connections = TAILQ_HEAD_INITIALIZER(connections);
static const struct io_service *service;

static void set_timeout(struct connection *connection)
{
    if (service->timeout_ns == 0)
        return;
    TAILQ_REMOVE(&connections, connection, link);
    TAILQ_INSERT_TAIL(&connections, connection, link);
    connection->deadline_ns = measure_now() + service->timeout_ns;
}

static void close_connection(struct connection *connection)
{
    TAILQ_REMOVE(&connections, connection, link);
    close(connection->fd);
    free(connection);
}

static void accept_all(void)
{
    int fd = -1;

    while ((fd = accept4(IO_LISTENER, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = io_alloc(sizeof *connection + service->buffer_size);

        connection->fd = fd;
        connection->length = connection->sent = 0;
        TAILQ_INSERT_TAIL(&connections, connection, link);
        set_timeout(connection);
        control(EPOLL_CTL_ADD, fd, EPOLLIN, connection);
    }
}

/* False: the connection is closed. */
static bool write_rest(struct connection *connection)
{
    while (connection->sent < connection->length) {
        ssize_t count = write(connection->fd, connection->buffer + connection->sent,
                              connection->length - connection->sent);

        if (count < 0 && errno == EAGAIN)
            return true;
        if (count < 0) {
            close_connection(connection);
            return false;
        }
        connection->sent += (size_t)count;
    }
    return true;
}

static bool has_rest(const struct connection *connection)
{
    return connection->sent < connection->length;
}

static void read_and_write(struct connection *connection)
{
    ssize_t count = read(connection->fd, connection->buffer, service->buffer_size);

    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        close_connection(connection);
        return;
    }
    connection->length = (size_t)count;
    connection->sent = 0;
    set_timeout(connection);
    if (write_rest(connection) && has_rest(connection))
        control(EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
}

static void write_on(struct connection *connection)
{
    if (write_rest(connection) && !has_rest(connection))
        control(EPOLL_CTL_MOD, connection->fd, EPOLLIN, connection);
}

/* In ms, for epoll_wait; what is due is closed. */
static int next_timeout(void)
{
    uint64_t now_ns = 0;

    if (service->timeout_ns == 0 || TAILQ_EMPTY(&connections))
        return -1;
    now_ns = measure_now();
    while (!TAILQ_EMPTY(&connections) && TAILQ_FIRST(&connections)->deadline_ns <= now_ns)
        close_connection(TAILQ_FIRST(&connections));
    if (TAILQ_EMPTY(&connections))
        return -1;
    return (int)((TAILQ_FIRST(&connections)->deadline_ns - now_ns + 999999) / 1000000);
}

static void bare_serve(const struct io_service *how)
{
    struct epoll_event events[256];

    service = how;
    open_epoll();
    control(EPOLL_CTL_ADD, IO_LISTENER, EPOLLIN, NULL);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, 256, next_timeout());

        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;

            if (connection == NULL)
                accept_all();
            else if (has_rest(connection))
                write_on(connection);
            else
                read_and_write(connection);
        }
    }
}

/* --- Another thread --------------------------------------------------------------------------- */

static int event_fd;

static void bare_open_remote(void)
{
    open_epoll();
    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0)
        io_fail("eventfd");
    control(EPOLL_CTL_ADD, event_fd, EPOLLIN, NULL);
}

static void bare_post(void)
{
    if (eventfd_write(event_fd, 1) != 0)
        io_fail("eventfd_write");
}

/* The loop of both: `go_on` says whether there is more to come. */
static void run_loop(bool (*go_on)(void))
{
    struct epoll_event event;
    eventfd_t count = 0;

    do {
        if (epoll_wait(epoll_fd, &event, 1, -1) != 1 || eventfd_read(event_fd, &count) != 0)
            io_fail("epoll_wait");
    } while (go_on());
}

static void bare_run_remote(void)
{
    run_loop(io_answer);
}

/* --- A pool of one thread --------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_call = PTHREAD_COND_INITIALIZER;
static size_t calls; /* that wait; under the lock */

static void call(void)
{
    pthread_mutex_lock(&lock);
    calls++;
    pthread_cond_signal(&has_call);
    pthread_mutex_unlock(&lock);
}

static void *do_calls(void *unused)
{
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (calls == 0)
            pthread_cond_wait(&has_call, &lock);
        calls--;
        pthread_mutex_unlock(&lock);
        io_blocking();
        bare_post();
    }
    return NULL;
}

static bool call_again(void)
{
    if (!io_returned())
        return false;
    call();
    return true;
}

static void bare_run_offload(void)
{
    pthread_t thread;

    bare_open_remote();
    if (pthread_create(&thread, NULL, do_calls, NULL) != 0)
        io_fail("pthread_create");
    call();
    run_loop(call_again);
}

const struct io_peer io_peer = {.serve = bare_serve,
                                .open_remote = bare_open_remote,
                                .post = bare_post,
                                .run_remote = bare_run_remote,
                                .run_offload = bare_run_offload};
