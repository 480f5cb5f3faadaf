/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <assert.h>
#include <string.h>

#include "../task/run.h"

/* --- The ring --------------------------------------------------------------------------------- */

static void *slot_of(const struct edo_channel *channel, size_t i)
{
    return channel->buffer + (channel->first + i) % channel->capacity * channel->message_size;
}

static void put(struct edo_channel *channel, const void *message)
{
    if (channel->message_size > 0)
        memcpy(slot_of(channel, channel->count), message, channel->message_size);
    channel->count++;
}

static void take(struct edo_channel *channel, void *message)
{
    if (channel->message_size > 0)
        memcpy(message, slot_of(channel, 0), channel->message_size);
    channel->first = (channel->first + 1) % channel->capacity;
    channel->count--;
}

/* --- The two wait queues ---------------------------------------------------------------------- */

static void wake_waiter(const struct edo_channel *channel, struct edo_list *link)
{
    struct edo_cause cause = {.kind = EDO_CAUSE_CHANNEL, .id = channel->number};

    edo_wake_because(edo_container_of(link, struct edo_channel_waiter, link)->waker, cause);
}

/* Whoever can go on is woken. It holds after every step that for as long as there is room, the
 * first of the senders has been woken, and while there is a message, or there will never be one
 * again, the first of the receivers. So a wake is not lost with a future that was woken and then
 * cancelled. */
static void wake_next(struct edo_channel *channel)
{
    if (channel->count < channel->capacity && !edo_list_is_empty(&channel->senders))
        wake_waiter(channel, channel->senders.next);
    if ((channel->count > 0 || channel->is_closed) && !edo_list_is_empty(&channel->receivers))
        wake_waiter(channel, channel->receivers.next);
}

/* Last in the queue at its end. In the trace the channel has the number of the first future that
 * used it. */
static void enter_queue(struct edo_channel *channel, struct edo_list *queue,
                        struct edo_channel_waiter *waiter, struct edo_future *self)
{
    edo_list_append(queue, &waiter->link);
    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (channel->number == 0)
        channel->number = self->number;
}

/* Once: a waker that is called here may cancel the very future that leaves. */
static void leave_queue(struct edo_channel *channel, struct edo_channel_waiter *waiter)
{
    if (edo_list_is_empty(&waiter->link))
        return;
    edo_list_remove(&waiter->link);
    wake_next(channel);
}

/* --- The futures ------------------------------------------------------------------------------ */

static const char *const send_states[] = {"SEND_AWAITS_ROOM"};

/* async fn send(channel, message) -> Result<(), Closed> {
 *     channel.room().await?; // and until it is the first of the senders
 *     channel.put(message)
 * } */
static enum edo_poll send_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_send *send = edo_container_of(self, struct edo_send, future);
    struct edo_channel *channel = send->channel;

    if (self->state == EDO_START)
        enter_queue(channel, &channel->senders, &send->waiter, self);
    send->waiter.waker = cx->waker;
    if (channel->is_closed) {
        leave_queue(channel, &send->waiter);
        return edo_future_fail(self, -EPIPE);
    }
    if (channel->count == channel->capacity || channel->senders.next != &send->waiter.link)
        return EDO_PENDING;
    if (!edo_budget_take(cx))
        return EDO_PENDING;
    put(channel, send->message);
    leave_queue(channel, &send->waiter);
    return edo_future_done(self, NULL);
}

static enum edo_poll send_cancel(struct edo_future *self)
{
    struct edo_send *send = edo_container_of(self, struct edo_send, future);

    leave_queue(send->channel, &send->waiter);
    return EDO_READY;
}

static const struct edo_future_type send_type = {"send", send_poll,   send_cancel,
                                                 NULL,   send_states, NULL};

static const char *const receive_states[] = {"RECEIVE_AWAITS_MESSAGE"};

/* async fn receive(channel) -> Result<Message, Closed> {
 *     channel.message().await?; // and until it is the first of the receivers
 *     channel.take()
 * } */
static enum edo_poll receive_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_receive *receive = edo_container_of(self, struct edo_receive, future);
    struct edo_channel *channel = receive->channel;

    if (self->state == EDO_START)
        enter_queue(channel, &channel->receivers, &receive->waiter, self);
    receive->waiter.waker = cx->waker;
    if (channel->is_closed && channel->count == 0) {
        leave_queue(channel, &receive->waiter);
        return edo_future_fail(self, -EPIPE);
    }
    if (channel->count == 0 || channel->receivers.next != &receive->waiter.link)
        return EDO_PENDING;
    if (!edo_budget_take(cx))
        return EDO_PENDING;
    take(channel, receive->message);
    leave_queue(channel, &receive->waiter);
    return edo_future_done(self, receive->message);
}

static enum edo_poll receive_cancel(struct edo_future *self)
{
    struct edo_receive *receive = edo_container_of(self, struct edo_receive, future);

    leave_queue(receive->channel, &receive->waiter);
    return EDO_READY;
}

static const struct edo_future_type receive_type = {"receive", receive_poll,   receive_cancel,
                                                    NULL,      receive_states, NULL};

/* --- Without waiting -------------------------------------------------------------------------- */

int edo_channel_try_send(struct edo_channel *channel, const void *message)
{
    if (channel->is_closed)
        return -EPIPE;
    if (channel->count == channel->capacity || !edo_list_is_empty(&channel->senders))
        return -EAGAIN;
    put(channel, message);
    wake_next(channel);
    return 0;
}

int edo_channel_try_receive(struct edo_channel *channel, void *message)
{
    if (channel->count == 0)
        return channel->is_closed ? -EPIPE : -EAGAIN;
    if (!edo_list_is_empty(&channel->receivers))
        return -EAGAIN;
    take(channel, message);
    wake_next(channel);
    return 0;
}

/* --- Making and closing ----------------------------------------------------------------------- */

void edo_channel_init(struct edo_channel *channel, void *buffer, size_t message_size,
                      size_t capacity)
{
    assert(capacity > 0);
    *channel =
        (struct edo_channel){.buffer = buffer, .message_size = message_size, .capacity = capacity};
    edo_list_init(&channel->senders);
    edo_list_init(&channel->receivers);
}

/* A waker may cancel others that wait here, so none of their links is held while it runs. */
static void wake_all(const struct edo_channel *channel, struct edo_list *queue)
{
    struct edo_list waiters;

    edo_list_take(&waiters, queue);
    while (!edo_list_is_empty(&waiters)) {
        struct edo_list *link = waiters.next;

        edo_list_remove(link);
        edo_list_append(queue, link);
        wake_waiter(channel, link);
    }
}

void edo_channel_close(struct edo_channel *channel)
{
    channel->is_closed = true;
    wake_all(channel, &channel->senders);
    wake_all(channel, &channel->receivers);
}

void edo_send_init(struct edo_send *send, struct edo_channel *channel, const void *message)
{
    edo_future_init(&send->future, &send_type);
    send->channel = channel;
    send->message = message;
}

void edo_receive_init(struct edo_receive *receive, struct edo_channel *channel, void *message)
{
    edo_future_init(&receive->future, &receive_type);
    receive->channel = channel;
    receive->message = message;
}
