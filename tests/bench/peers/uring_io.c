/* SPDX-License-Identifier: MIT */
/* uring_io.c - io_uring, and no library but liburing: what it would give.
 *
 *   accept, once --> a completion for each connection
 *   receive --completes--> send, linked to the next receive --completes--> ...
 *
 * So a message is one completion and two requests, and all that a turn has requested goes to the
 * kernel in one call, which waits, too. The next receive begins when all is sent: a client that
 * takes nothing isn't read from. */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_workload.h"

enum {
    REQUESTS = 4096,
    COMPLETIONS = 16384,
    IS_SEND = 1, /* beside the connection in a request's data: a send completes only if it fails */
};

struct connection {
    int fd;
    unsigned char buffer[];
};

static struct io_uring ring;
static const struct io_service *service;

static void open_ring(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                     .cq_entries = COMPLETIONS};

    if (io_uring_queue_init_params(REQUESTS, &ring, &params) != 0)
        io_absent("the kernel is older than Linux 6.1, or forbids io_uring");
}

/* `count` of them go to the kernel together, which a link needs. */
static void make_room(unsigned count)
{
    if (io_uring_sq_space_left(&ring) < count && io_uring_submit(&ring) < 0)
        io_fail("io_uring_submit");
}

static void request_accept(void)
{
    struct io_uring_sqe *request = NULL;

    make_room(1);
    request = io_uring_get_sqe(&ring);
    io_uring_prep_multishot_accept(request, IO_LISTENER, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(request, NULL);
}

/* Where the socket is expected to be empty, the kernel is told not to try (POLL_FIRST). */
static void request_receive(struct connection *connection, bool is_empty)
{
    struct io_uring_sqe *request = io_uring_get_sqe(&ring);

    io_uring_prep_recv(request, connection->fd, connection->buffer, service->buffer_size, 0);
    io_uring_sqe_set_data(request, connection);
    request->ioprio = is_empty ? IORING_RECVSEND_POLL_FIRST : 0;
}

static void request_send(struct connection *connection, size_t length)
{
    struct io_uring_sqe *request = io_uring_get_sqe(&ring);

    io_uring_prep_send(request, connection->fd, connection->buffer, length, MSG_WAITALL);
    io_uring_sqe_set_data(request, (unsigned char *)connection + IS_SEND);
    io_uring_sqe_set_flags(request, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
}

static void on_accepted(const struct io_uring_cqe *completion)
{
    if (completion->res >= 0) {
        struct connection *connection = io_alloc(sizeof *connection + service->buffer_size);

        connection->fd = completion->res;
        make_room(1);
        request_receive(connection, false);
    }
    if ((completion->flags & IORING_CQE_F_MORE) == 0)
        request_accept();
}

static void on_completed(const struct io_uring_cqe *completion)
{
    unsigned char *data = io_uring_cqe_get_data(completion);
    bool is_send = ((uintptr_t)data & IS_SEND) != 0;
    struct connection *connection = (void *)(is_send ? data - IS_SEND : data);

    if (connection == NULL) {
        on_accepted(completion);
    } else if (is_send || completion->res <= 0) {
        close(connection->fd);
        free(connection);
    } else {
        make_room(2);
        request_send(connection, (size_t)completion->res);
        request_receive(connection, (completion->flags & IORING_CQE_F_SOCK_NONEMPTY) == 0);
    }
}

static void uring_serve(const struct io_service *how)
{
    service = how;
    if (service->timeout_ns != 0)
        io_cannot("the limit is about messages: no timeouts");
    open_ring();
    request_accept();
    for (;;) {
        struct io_uring_cqe *completion = NULL;
        unsigned head = 0, count = 0;
        int result = io_uring_submit_and_wait(&ring, 1);

        if (result < 0 && result != -EINTR)
            io_fail("io_uring_submit_and_wait");
        io_uring_for_each_cqe(&ring, head, completion)
        {
            on_completed(completion);
            count++;
        }
        io_uring_cq_advance(&ring, count);
    }
}

const struct io_peer io_peer = {.serve = uring_serve};
