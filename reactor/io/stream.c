/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* MSG_NOSIGNAL, sigtimedwait */

#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../task/run.h"
#include "operation.h"

/* writev(2) takes no more at a time: IOV_MAX, which POSIX only promises to be 16. */
enum { MOST_PARTS = 16 };

/* --- Reading ---------------------------------------------------------------------------------- */

/* Once. Another process that has the socket, too, may have cleared its O_NONBLOCK: hence
 * MSG_DONTWAIT. Returns how many bytes came, 0 at the end of the stream, or -1 with errno. */
static ssize_t read_once(struct edo_io *io, unsigned char *buffer, size_t size)
{
    ssize_t moved = -1;

    if (io->is_socket)
        moved = recv(io->registered.fd, buffer, size, MSG_DONTWAIT);
    if (moved < 0 && io->is_socket && errno == ENOTSOCK)
        io->is_socket = false;
    if (!io->is_socket)
        moved = read(io->registered.fd, buffer, size);
    if (moved >= 0)
        edo_note_moved(io, EDO_READ, (size_t)moved, size);
    return moved;
}

/* async fn read(least) {
 *     while done < least { readable.await; done += read(fd, buffer + done, size - done)?; }
 * } */
static enum edo_attempt read_try(struct edo_operation *operation, int *error)
{
    struct edo_read *read = edo_container_of(operation, struct edo_read, operation);
    ssize_t moved = read_once(operation->io, read->buffer + read->done, read->size - read->done);

    if (moved < 0)
        return edo_attempt_failed(operation->io, EDO_READ, error);
    read->done += (size_t)moved;
    if (read->is_exact ? read->done == read->size : moved > 0)
        return EDO_ATTEMPT_DONE;
    if (moved > 0)
        return EDO_ATTEMPT_AGAIN;
    *error = -ENODATA;
    return read->is_exact ? EDO_ATTEMPT_FAILED : EDO_ATTEMPT_DONE;
}

static enum edo_poll read_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_read *read = edo_container_of(self, struct edo_read, operation.future);

    if (self->state == EDO_START && read->size == 0)
        return edo_future_done(self, &read->done);
    return edo_operation_poll(&read->operation, cx, EDO_READ, read_try, &read->done);
}

static const struct edo_future_type read_type = {
    "read", read_poll, edo_operation_cancel, NULL, edo_operation_states, edo_read_parts};

void edo_read_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size)
{
    *read = (struct edo_read){.operation.io = io, .buffer = buffer, .size = size};
    edo_future_init(&read->operation.future, &read_type);
}

void edo_read_exactly_init(struct edo_read *read, struct edo_io *io, void *buffer, size_t size)
{
    edo_read_init(read, io, buffer, size);
    read->is_exact = true;
}

/* --- Reading part by part --------------------------------------------------------------------- */

void edo_reader_init(struct edo_reader *reader, struct edo_io *io, void *buffer, size_t size)
{
    *reader = (struct edo_reader){.io = io, .buffer = buffer, .size = size};
}

/* Makes room behind what is there. Only before a read, so that each byte is moved once for each
 * read that its part takes, however many parts came with it. */
static void compact(struct edo_reader *reader)
{
    if (reader->used == 0)
        return;
    reader->filled -= reader->used;
    memmove(reader->buffer, reader->buffer + reader->used, reader->filled);
    reader->used = 0;
}

/* Whether the delimiter is in the buffer by now. */
static bool has_part(struct edo_read_until *until)
{
    const struct edo_reader *reader = until->reader;
    unsigned char *rest = reader->buffer + reader->used;
    size_t size = reader->filled - reader->used;
    const unsigned char *found =
        memchr(rest + until->searched, until->delimiter, size - until->searched);

    until->searched = found != NULL ? (size_t)(found - rest) : size;
    if (found == NULL)
        return false;
    until->part = rest;
    until->length = until->searched + 1;
    return true;
}

static bool is_full(const struct edo_reader *reader)
{
    return reader->filled - reader->used == reader->size;
}

static void take_part(struct edo_read_until *until)
{
    until->reader->used += until->length;
}

static enum edo_attempt read_until_try(struct edo_operation *operation, int *error)
{
    struct edo_read_until *until = edo_container_of(operation, struct edo_read_until, operation);
    struct edo_reader *reader = until->reader;
    ssize_t moved;

    *error = -EMSGSIZE;
    if (is_full(reader))
        return EDO_ATTEMPT_FAILED;
    compact(reader);
    moved = read_once(reader->io, reader->buffer + reader->filled, reader->size - reader->filled);
    if (moved < 0)
        return edo_attempt_failed(reader->io, EDO_READ, error);
    reader->filled += (size_t)moved;
    if (has_part(until)) {
        take_part(until);
        return EDO_ATTEMPT_DONE;
    }
    *error = -ENODATA;
    return moved > 0 ? EDO_ATTEMPT_AGAIN : EDO_ATTEMPT_FAILED;
}

/* A part that is in the buffer waits for its task's next turn: the budget is used up. */
static enum edo_poll await_turn(struct edo_read_until *until)
{
    until->reader->io->pending[EDO_READ] = &until->operation;
    edo_future_goto(&until->operation.future, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll read_until_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_read_until *until = edo_container_of(self, struct edo_read_until, operation.future);
    bool is_first = self->state == EDO_START;
    bool is_refused = is_first && until->reader->io->pending[EDO_READ] != NULL;

    if (!is_refused && has_part(until)) {
        if (!edo_budget_take(cx))
            return await_turn(until);
        if (!is_first)
            edo_operation_cancel(self);
        take_part(until);
        return edo_future_done(self, until);
    }
    if (is_first && !is_refused && is_full(until->reader))
        return edo_future_fail(self, -EMSGSIZE);
    return edo_operation_poll(&until->operation, cx, EDO_READ, read_until_try, until);
}

static const struct edo_future_type read_until_type = {"read_until",         read_until_poll,
                                                       edo_operation_cancel, NULL,
                                                       edo_operation_states, edo_read_parts};

void edo_read_until_init(struct edo_read_until *until, struct edo_reader *reader,
                         unsigned char delimiter)
{
    *until = (struct edo_read_until){
        .operation.io = reader->io, .reader = reader, .delimiter = delimiter};
    edo_future_init(&until->operation.future, &read_until_type);
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* To what is no socket. A write into a pipe that nobody reads raises SIGPIPE (pipe(7)), which is
 * blocked meanwhile and, if it was not pending already, taken away. It is raised also where some of
 * the bytes were written, which takes a pipe that blocks. */
static ssize_t write_without_signal(int fd, const struct iovec *parts, size_t count, size_t asked)
{
    const struct timespec at_once = {0};
    sigset_t sigpipe, pending, before;
    bool may_be_raised;
    ssize_t moved;
    int error;

    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    moved = writev(fd, parts, (int)count);
    error = errno;
    may_be_raised = moved < 0 ? error == EPIPE : (size_t)moved < asked;
    if (may_be_raised && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&sigpipe, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return moved;
}

/* musl counts parts in an int, glibc in a size_t: both hold what fits into 16 bits. */
static ssize_t write_once(struct edo_io *io, struct iovec *parts, uint16_t count, size_t asked)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    ssize_t moved = -1;

    /* For one part send(2) takes a twentieth less time. */
    if (io->is_socket && count == 1)
        moved =
            send(io->registered.fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    else if (io->is_socket)
        moved = sendmsg(io->registered.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (moved < 0 && io->is_socket && errno == ENOTSOCK)
        io->is_socket = false;
    return io->is_socket ? moved : write_without_signal(io->registered.fd, parts, count, asked);
}

/* How many bytes the next call is asked to write; parts that are done with go. */
static size_t bytes_left(struct edo_write *write)
{
    size_t left = 0;

    for (; write->count > 0 && write->parts->iov_len == 0; write->count--)
        write->parts++;
    for (size_t i = 0; i < write->count && i < MOST_PARTS; i++)
        left += write->parts[i].iov_len;
    return left;
}

static void use_up(struct edo_write *write, size_t moved)
{
    write->done += moved;
    for (struct iovec *part = write->parts; moved > 0; part++) {
        size_t used = moved < part->iov_len ? moved : part->iov_len;

        part->iov_base = (char *)part->iov_base + used;
        part->iov_len -= used;
        moved -= used;
    }
}

/* async fn write() {
 *     while bytes_left() > 0 { writable.await; use_up(writev(fd, parts)?); }
 * } */
static enum edo_attempt write_try(struct edo_operation *operation, int *error)
{
    struct edo_write *write = edo_container_of(operation, struct edo_write, operation);
    size_t asked = bytes_left(write);
    size_t count = write->count < MOST_PARTS ? write->count : MOST_PARTS;
    ssize_t moved = write_once(operation->io, write->parts, (uint16_t)count, asked);

    if (moved < 0)
        return edo_attempt_failed(operation->io, EDO_WRITE, error);
    edo_note_moved(operation->io, EDO_WRITE, (size_t)moved, asked);
    use_up(write, (size_t)moved);
    return bytes_left(write) == 0 ? EDO_ATTEMPT_DONE : EDO_ATTEMPT_AGAIN;
}

static enum edo_poll write_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_write *write = edo_container_of(self, struct edo_write, operation.future);

    if (self->state == EDO_START && bytes_left(write) == 0)
        return edo_future_done(self, NULL);
    return edo_operation_poll(&write->operation, cx, EDO_WRITE, write_try, NULL);
}

static const struct edo_future_type write_type = {
    "write", write_poll, edo_operation_cancel, NULL, edo_operation_states, edo_write_parts};

void edo_write_init(struct edo_write *write, struct edo_io *io, const void *bytes, size_t size)
{
    edo_write_parts_init(write, io, &write->one, 1);
    write->one = (struct iovec){(void *)bytes, size}; /* it is only read */
}

void edo_write_parts_init(struct edo_write *write, struct edo_io *io, struct iovec *parts,
                          size_t count)
{
    *write = (struct edo_write){.operation.io = io, .parts = parts, .count = count};
    edo_future_init(&write->operation.future, &write_type);
}

int edo_io_shutdown(struct edo_io *io)
{
    return shutdown(edo_io_fd(io), SHUT_WR) < 0 ? -errno : 0;
}
