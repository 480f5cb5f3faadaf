/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4 */
#endif

#include "socket.h"

#include <errno.h>
#include <string.h>

#include "operation.h"

/* --- Accepting -------------------------------------------------------------------------------- */

/* Errors of a connection that was given up while it stood in the queue (accept(2)). */
static bool is_of_the_peer(int error)
{
    return error == ECONNABORTED || error == EPROTO || error == ENETDOWN || error == ENOPROTOOPT ||
           error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH || error == ENETUNREACH;
}

static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static enum edo_attempt accept_try(struct edo_operation *operation, int *error)
{
    struct edo_accept *accept = edo_container_of(operation, struct edo_accept, operation);

    accept->fd = accept4(edo_io_fd(operation->io), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accept->fd >= 0)
        return EDO_ATTEMPT_DONE;
    if (is_of_the_peer(errno))
        return EDO_ATTEMPT_AGAIN;
    *error = -errno;
    if (is_shortage(errno))
        return EDO_ATTEMPT_LATER;
    return edo_attempt_failed(operation->io, EDO_READ, error);
}

static enum edo_poll accept_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_accept *accept = edo_container_of(self, struct edo_accept, operation.future);

    return edo_operation_poll(&accept->operation, cx, EDO_READ, accept_try, &accept->fd);
}

static const struct edo_future_type accept_type = {
    "accept", accept_poll, edo_operation_cancel, NULL, edo_operation_states, edo_read_parts};

void edo_accept_init(struct edo_accept *accept, struct edo_io *listener)
{
    *accept = (struct edo_accept){.operation.io = listener, .fd = -1};
    edo_future_init(&accept->operation.future, &accept_type);
}

/* --- Connecting ------------------------------------------------------------------------------- */

/* How it went. Who reads meanwhile may have been told in our place, and SO_ERROR says it once. */
static int error_of_connection(int fd)
{
    struct sockaddr_storage peer;
    socklen_t peer_size = sizeof peer, size = sizeof(int);
    int error = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    if (error == 0 && getpeername(fd, (struct sockaddr *)&peer, &peer_size) < 0)
        return -errno;
    return -error;
}

/* The first try begins; where that takes time, the socket is writable when it is over, and SO_ERROR
 * says how it went (connect(2), EINPROGRESS). */
static enum edo_attempt connect_try(struct edo_operation *operation, int *error)
{
    struct edo_connect *connection = edo_container_of(operation, struct edo_connect, operation);
    int fd = edo_io_fd(operation->io);

    if (connection->has_begun) {
        *error = error_of_connection(fd);
        return *error ? EDO_ATTEMPT_FAILED : EDO_ATTEMPT_DONE;
    }
    connection->has_begun = true;
    operation->io->is_ending = false; /* a socket that is not connected counts as hung up */
    if (connect(fd, (const struct sockaddr *)&connection->address, connection->length) == 0)
        return EDO_ATTEMPT_DONE;
    *error = -errno;
    operation->io->is_ready[EDO_WRITE] = false;
    return errno == EINPROGRESS || errno == EINTR ? EDO_ATTEMPT_AGAIN : EDO_ATTEMPT_FAILED;
}

static enum edo_poll connect_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_connect *connection = edo_container_of(self, struct edo_connect, operation.future);

    return edo_operation_poll(&connection->operation, cx, EDO_WRITE, connect_try, NULL);
}

static const struct edo_future_type connect_type = {
    "connect", connect_poll, edo_operation_cancel, NULL, edo_operation_states, edo_write_parts};

void edo_connect_init(struct edo_connect *connect, struct edo_io *io,
                      const struct sockaddr *address, socklen_t length)
{
    *connect = (struct edo_connect){.operation.io = io, .length = length};
    /* What is too long for any address is an error of connect(2). */
    memcpy(&connect->address, address,
           length < sizeof connect->address ? length : sizeof connect->address);
    edo_future_init(&connect->operation.future, &connect_type);
}

/* --- Datagrams -------------------------------------------------------------------------------- */

static enum edo_attempt receive_from_try(struct edo_operation *operation, int *error)
{
    struct edo_receive_from *receive =
        edo_container_of(operation, struct edo_receive_from, operation);
    ssize_t length;

    receive->address_length = sizeof receive->address;
    length =
        recvfrom(edo_io_fd(operation->io), receive->buffer, receive->size, MSG_TRUNC | MSG_DONTWAIT,
                 (struct sockaddr *)&receive->address, &receive->address_length);
    if (length < 0)
        return edo_attempt_failed(operation->io, EDO_READ, error);
    receive->length = (size_t)length;
    edo_note_moved(operation->io, EDO_READ, receive->length, receive->length);
    return EDO_ATTEMPT_DONE;
}

static enum edo_poll receive_from_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_receive_from *receive =
        edo_container_of(self, struct edo_receive_from, operation.future);

    return edo_operation_poll(&receive->operation, cx, EDO_READ, receive_from_try,
                              &receive->length);
}

static const struct edo_future_type receive_from_type = {"receive_from",       receive_from_poll,
                                                         edo_operation_cancel, NULL,
                                                         edo_operation_states, edo_read_parts};

void edo_receive_from_init(struct edo_receive_from *receive, struct edo_io *io, void *buffer,
                           size_t size)
{
    *receive = (struct edo_receive_from){.operation.io = io, .buffer = buffer, .size = size};
    edo_future_init(&receive->operation.future, &receive_from_type);
}

static enum edo_attempt send_to_try(struct edo_operation *operation, int *error)
{
    struct edo_send_to *send = edo_container_of(operation, struct edo_send_to, operation);
    ssize_t length = sendto(edo_io_fd(operation->io), send->buffer, send->size,
                            MSG_NOSIGNAL | MSG_DONTWAIT, send->address, send->address_length);

    if (length < 0)
        return edo_attempt_failed(operation->io, EDO_WRITE, error);
    edo_note_moved(operation->io, EDO_WRITE, send->size, send->size); /* all or nothing */
    return EDO_ATTEMPT_DONE;
}

static enum edo_poll send_to_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_send_to *send = edo_container_of(self, struct edo_send_to, operation.future);

    return edo_operation_poll(&send->operation, cx, EDO_WRITE, send_to_try, NULL);
}

static const struct edo_future_type send_to_type = {
    "send_to", send_to_poll, edo_operation_cancel, NULL, edo_operation_states, edo_write_parts};

void edo_send_to_init(struct edo_send_to *send, struct edo_io *io, const void *buffer, size_t size,
                      const struct sockaddr *address, socklen_t length)
{
    *send = (struct edo_send_to){.operation.io = io,
                                 .buffer = buffer,
                                 .size = size,
                                 .address = address,
                                 .address_length = length};
    edo_future_init(&send->operation.future, &send_to_type);
}
