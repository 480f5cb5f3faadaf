/* SPDX-License-Identifier: MIT */
/* channel.h - hands messages from task to task, a limited number at a time.
 *
 *   send     EDO_START --> SEND_AWAITS_ROOM --------> EDO_DONE; once it is
 *                                                     closed, EDO_FAILED
 *   receive  EDO_START --> RECEIVE_AWAITS_MESSAGE --> EDO_DONE; once it is
 *                                                     empty, too, EDO_FAILED
 *
 * A send waits while the channel is full, a receive while it is empty. Each is a future, so both
 * can be raced, timed out and cancelled: a send that is cancelled has not sent, a receive that is
 * cancelled has not taken a message. A channel makes no system call: the two ends wake each other.
 *
 * Messages arrive in the order in which they were sent. Of several futures that wait at one end,
 * the one that has waited longest goes first, and wakes the next.
 *
 * Memory: the caller's. The channel, its buffer and its messages must stay while somebody waits; a
 * message is copied. One thread. */
#pragma once

#include "../base/list.h"
#include "../task/future.h"

struct edo_channel {
    unsigned char *buffer;     /* set by init: a ring of messages */
    size_t message_size;       /* set by init */
    size_t capacity;           /* set by init */
    size_t first;              /* the index of the oldest message */
    size_t count;              /* of messages in the ring */
    bool is_closed;            /* edo_channel_close was called */
    uint32_t number;           /* in the trace: that of the first future that used it; else 0 */
    struct edo_list senders;   /* those that wait for room, the longest first */
    struct edo_list receivers; /* those that wait for a message, the longest first */
};

/* A future in the queue at its end. */
struct edo_channel_waiter {
    struct edo_list link;   /* in `senders` or `receivers` */
    struct edo_waker waker; /* of who polls the future */
};

struct edo_send {
    struct edo_future future;         /* to be awaited */
    struct edo_channel *channel;      /* set by init */
    const void *message;              /* set by init */
    struct edo_channel_waiter waiter; /* at SEND_AWAITS_ROOM */
};

struct edo_receive {
    struct edo_future future;         /* to be awaited */
    struct edo_channel *channel;      /* set by init */
    void *message;                    /* set by init */
    struct edo_channel_waiter waiter; /* at RECEIVE_AWAITS_MESSAGE */
};

/* A channel for messages of `message_size` bytes, of which `buffer` has room for `capacity`.
 * Messages of size 0 are signals, and need no buffer. A capacity of 0 is not allowed (asserted;
 * without asserts every send waits until the channel is closed). */
void edo_channel_init(struct edo_channel *channel, void *buffer, size_t message_size,
                      size_t capacity);

/* Ends the sending. Wakes all who wait. From now on every send fails with -EPIPE. Messages that
 * were sent can still be received, and after them every receive fails with -EPIPE. To close a
 * channel again does no harm. */
void edo_channel_close(struct edo_channel *channel);

/* A future that sends a copy of `message`, made when there is room. Result: no
 * value. -EPIPE: the channel was closed. */
void edo_send_init(struct edo_send *send, struct edo_channel *channel, const void *message);

/* A future that moves the oldest message to `message`. Result: `message`. -EPIPE: the channel was
 * closed, and no message is left. */
void edo_receive_init(struct edo_receive *receive, struct edo_channel *channel, void *message);

/* The same without waiting, from anywhere on the runtime's thread. Returns 0, or -errno. -EAGAIN:
 * it would have to wait, be it only because others wait already; -EPIPE: as above. */
int edo_channel_try_send(struct edo_channel *channel, const void *message);
int edo_channel_try_receive(struct edo_channel *channel, void *message);
