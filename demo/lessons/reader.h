/* SPDX-License-Identifier: MIT */
/* reader.h - the future of "Write your own" in reactor/futures/README.md, line for line. */
#ifndef DEMO_LESSONS_READER_H
#define DEMO_LESSONS_READER_H

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "edo.h"

enum reader_state { READER_START = EDO_START, READER_AWAITS_INPUT = EDO_FIRST_AWAIT };

static const char *const reader_state_names[] = {"READER_AWAITS_INPUT"};

struct reader {
    struct edo_future future;
    int fd;                   /* set by init: non-blocking, and the caller's */
    struct edo_source source; /* pending at READER_AWAITS_INPUT */
    char bytes[64];           /* when done: the value, */
    size_t length;            /* and its length; 0: the other end is closed */
};

static enum edo_poll reader_poll(struct edo_future *self, struct edo_context *cx)
{
    struct reader *reader = edo_container_of(self, struct reader, future);
    ssize_t length;
    int error;

    if (edo_source_is_pending(&reader->source)) { /* it was not the pipe that woke the task */
        reader->source.waker = cx->waker;         /* duty 2 */
        return EDO_PENDING;
    }
    if (reader->source.result < 0) /* the fd was closed while it was watched */
        return edo_future_fail(self, reader->source.result);
    length = read(reader->fd, reader->bytes, sizeof reader->bytes);
    if (length >= 0) {
        reader->length = (size_t)length;
        return edo_future_done(self, reader->bytes); /* duty 4 */
    }
    if (errno != EAGAIN)
        return edo_future_fail(self, -errno); /* duty 4 */
    error = edo_reactor_watch(cx->reactor, &reader->source, reader->fd, EPOLLIN, cx->waker);
    if (error)
        return edo_future_fail(self, error);
    edo_future_goto(self, READER_AWAITS_INPUT);
    return EDO_PENDING; /* duty 1: the reactor has the waker */
}

static enum edo_poll reader_cancel(struct edo_future *self)
{
    edo_source_disarm(&edo_container_of(self, struct reader, future)->source); /* duty 3 */
    return EDO_READY;
}

static const struct edo_future_type reader_type = {
    .name = "reader",
    .poll = reader_poll,
    .cancel = reader_cancel,
    .state_names = reader_state_names,
};

static void reader_init(struct reader *reader, int fd)
{
    edo_future_init(&reader->future, &reader_type);
    edo_source_init(&reader->source);
    reader->fd = fd;
}

#endif
