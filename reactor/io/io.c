/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SO_PROTOCOL */
#endif

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kernel/timer_driver.h"
#include "../task/run.h"
#include "operation.h"

/* --- The registered fd ------------------------------------------------------------------------ */

static void set_ready(struct edo_io *io, enum edo_direction direction)
{
    io->is_ready[direction] = true;
    if (io->waits[direction].kind == EDO_SOURCE_WAIT) /* not a pause */
        edo_reactor_end_wait(&io->waits[direction], 0);
}

/* Called while events are being collected. */
static void note_event(void *data, struct edo_cause cause)
{
    struct edo_io *io = data;
    uint32_t events = (uint32_t)io->registered.result;

    (void)cause;
    if (events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        io->is_ending = true;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        set_ready(io, EDO_READ);
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        set_ready(io, EDO_WRITE);
}

int edo_io_open(struct edo_io *io, struct edo_reactor *reactor, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int error;

    *io = (struct edo_io){.is_ready = {true, true}, .is_socket = true};
    edo_source_init(&io->registered);
    edo_source_init(&io->waits[EDO_READ]);
    edo_source_init(&io->waits[EDO_WRITE]);
    io->waits[EDO_READ].cause = io->waits[EDO_WRITE].cause = EDO_CAUSE_PEER;
    if (flags < 0 || (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
        return -errno;
    error = edo_reactor_add_io(reactor, &io->registered, fd,
                               EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
                               (struct edo_waker){note_event, io});
    if (error) {
        io->registered.fd = -1;
        fcntl(fd, F_SETFL, flags);
    }
    return error;
}

void edo_io_close(struct edo_io *io)
{
    if (edo_io_fd(io) < 0)
        return;
    edo_reactor_remove_io(&io->registered);
    close(io->registered.fd);
    io->registered.fd = -1;
    edo_reactor_end_wait(&io->waits[EDO_READ], -EBADF);
    edo_reactor_end_wait(&io->waits[EDO_WRITE], -EBADF);
}

/* --- Operations ------------------------------------------------------------------------------- */

enum operation_state { OPERATION_START = EDO_START, OPERATION_AWAITS_READY = EDO_FIRST_AWAIT };

const char *const edo_operation_states[] = {"AWAITS_READY"};

const struct edo_part edo_read_parts[] = {{.kind = EDO_PART_WAIT,
                                           .at = offsetof(struct edo_operation, io),
                                           .inside_at = offsetof(struct edo_io, waits[EDO_READ])},
                                          {.kind = EDO_PART_END}};
const struct edo_part edo_write_parts[] = {{.kind = EDO_PART_WAIT,
                                            .at = offsetof(struct edo_operation, io),
                                            .inside_at = offsetof(struct edo_io, waits[EDO_WRITE])},
                                           {.kind = EDO_PART_END}};

enum edo_attempt edo_attempt_failed(struct edo_io *io, enum edo_direction direction, int *error)
{
    *error = -errno;
    if (errno == EAGAIN)
        io->is_ready[direction] = false;
    return errno == EAGAIN || errno == EINTR ? EDO_ATTEMPT_AGAIN : EDO_ATTEMPT_FAILED;
}

/* A TCP connection that gave less than it was asked for has no more, nor has it room for more
 * (epoll(7)), unless a flag of its events says otherwise. Others may have: a terminal gives a line
 * at a time, a Unix socket stops where an fd or other credentials came with the bytes. */
static enum edo_drained drained_of(int fd)
{
    int protocol = 0, type = 0; /* as they stay for what is no socket */
    socklen_t size = sizeof protocol;

    /* In other families the number of TCP is another protocol's. */
    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    (void)getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size);
    return type == SOCK_STREAM && protocol == IPPROTO_TCP ? EDO_DRAINED_BY_LESS
                                                          : EDO_DRAINED_BY_EAGAIN;
}

void edo_note_moved(struct edo_io *io, enum edo_direction direction, size_t moved, size_t asked)
{
    size_t operations = moved / EDO_BYTES_OF_ONE;

    io->moved = operations < UINT16_MAX ? (uint16_t)operations : UINT16_MAX;
    if (moved >= asked || io->is_ending)
        return;
    if (io->drained == EDO_DRAINED_UNKNOWN)
        io->drained = (uint8_t)drained_of(edo_io_fd(io));
    if (io->drained == EDO_DRAINED_BY_LESS)
        io->is_ready[direction] = false;
}

static enum edo_direction direction_of(const struct edo_operation *operation)
{
    return operation->io->pending[EDO_READ] == operation ? EDO_READ : EDO_WRITE;
}

static void leave_direction(struct edo_operation *operation)
{
    operation->io->pending[direction_of(operation)] = NULL;
}

static enum edo_poll end_operation(struct edo_operation *operation, int error, void *value)
{
    leave_direction(operation);
    return error ? edo_future_fail(&operation->future, error)
                 : edo_future_done(&operation->future, value);
}

static enum edo_poll stay_pending(struct edo_operation *operation)
{
    if (operation->future.state == EDO_START)
        edo_future_goto(&operation->future, OPERATION_AWAITS_READY);
    return EDO_PENDING;
}

/* The direction is not known to be ready. It is armed before the state changes, as a sleep is: so a
 * view can tell from the trace whose source that is. */
static enum edo_poll await_event(struct edo_operation *operation, struct edo_context *cx)
{
    struct edo_source *source = &operation->io->waits[direction_of(operation)];
    int error = edo_reactor_wait(cx->reactor, source, operation->io->registered.fd, cx->waker);

    return error ? end_operation(operation, error, NULL) : stay_pending(operation);
}

/* There is something, but not what it takes to have it. Without a timer for the pause either, it
 * fails. */
static enum edo_poll pause_for(struct edo_operation *operation, struct edo_context *cx, int error)
{
    struct edo_source *source = &operation->io->waits[direction_of(operation)];

    return edo_reactor_arm_for(cx->reactor, source, EDO_PAUSE_NS, cx->waker)
               ? end_operation(operation, error, NULL)
               : stay_pending(operation);
}

/* Tries until it has ended, or there is nothing more for now, or the task has had its share. */
static enum edo_poll try_on(struct edo_operation *operation, struct edo_context *cx,
                            edo_try *attempt, void *value)
{
    const bool *is_ready = &operation->io->is_ready[direction_of(operation)];
    int error = 0;

    while (*is_ready) {
        enum edo_attempt came_to;

        if (!edo_budget_take(cx))
            return stay_pending(operation);
        operation->io->moved = 0;
        came_to = attempt(operation, &error);
        edo_budget_charge(cx, operation->io->moved);
        switch (came_to) {
        case EDO_ATTEMPT_AGAIN:
            break;
        case EDO_ATTEMPT_LATER:
            return pause_for(operation, cx, error);
        case EDO_ATTEMPT_DONE:
            return end_operation(operation, 0, value);
        case EDO_ATTEMPT_FAILED:
            return end_operation(operation, error, NULL);
        }
    }
    return await_event(operation, cx);
}

enum edo_poll edo_operation_poll(struct edo_operation *operation, struct edo_context *cx,
                                 enum edo_direction direction, edo_try *attempt, void *value)
{
    struct edo_io *io = operation->io;
    struct edo_source *source = &io->waits[direction];

    switch ((enum operation_state)operation->future.state) {
    case OPERATION_START:
        if (edo_io_fd(io) < 0)
            return edo_future_fail(&operation->future, -EBADF);
        if (io->pending[direction] != NULL)
            return edo_future_fail(&operation->future, -EBUSY);
        io->pending[direction] = operation;
        break;
    case OPERATION_AWAITS_READY:
        if (edo_source_is_pending(source)) {
            source->waker = cx->waker;
            return EDO_PENDING;
        }
        if (edo_io_fd(io) < 0)
            return end_operation(operation, -EBADF, NULL);
        break;
    }
    return try_on(operation, cx, attempt, value);
}

enum edo_poll edo_operation_cancel(struct edo_future *self)
{
    struct edo_operation *operation = edo_container_of(self, struct edo_operation, future);

    edo_source_disarm(&operation->io->waits[direction_of(operation)]);
    leave_direction(operation);
    return EDO_READY;
}
