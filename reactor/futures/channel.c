#include "channel.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "../base/container_of.h"

/* --- The ring --------------------------------------------------------------------------------- */

static bool has_room(const struct edo_channel *channel)
{
    return channel->count < channel->capacity;
}

static bool has_message(const struct edo_channel *channel)
{
    return channel->count > 0;
}

static void *slot(struct edo_channel *channel, size_t i)
{
    return channel->buffer + (channel->first + i) % channel->capacity * channel->message_size;
}

static void put(struct edo_channel *channel, const void *message)
{
    memcpy(slot(channel, channel->count), message, channel->message_size);
    channel->count++;
}

static void take(struct edo_channel *channel, void *message)
{
    memcpy(message, slot(channel, 0), channel->message_size);
    channel->first = (channel->first + 1) % channel->capacity;
    channel->count--;
}

/* --- The two lines ---------------------------------------------------------------------------- */

static struct edo_channel_place *place_of(struct edo_list *link)
{
    return edo_container_of(link, struct edo_channel_place, link);
}

static void wake_first(struct edo_list *line)
{
    if (!edo_list_is_empty(line))
        edo_wake(place_of(line->next)->waker);
}

/* Whoever can go on is woken. It holds after every step that for as long as there is room, the
 * first of the senders has been woken, and while there is a message, or there will never be one
 * again, the first of the receivers. So a wake is not lost with a future that was woken and then
 * cancelled. */
static void wake_next(struct edo_channel *channel)
{
    if (has_room(channel))
        wake_first(&channel->senders);
    if (has_message(channel) || channel->is_closed)
        wake_first(&channel->receivers);
}

static void leave(struct edo_channel *channel, struct edo_channel_place *place)
{
    edo_list_remove(&place->link);
    wake_next(channel);
}

/* --- The futures ------------------------------------------------------------------------------ */

enum send_state { SEND_START = EDO_START, SEND_AWAITS_ROOM = EDO_FIRST_AWAIT };

static const char *const send_state_names[] = {"SEND_AWAITS_ROOM"};

static enum edo_poll send_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_send *send = edo_container_of(self, struct edo_send, future);
    struct edo_channel *channel = send->channel;

    switch ((enum send_state)self->state) {
    case SEND_START:
        edo_list_append(&channel->senders, &send->place.link);
        edo_future_goto(self, SEND_AWAITS_ROOM);
        /* fall through */
    case SEND_AWAITS_ROOM:
        send->place.waker = cx->waker;
        if (channel->is_closed)
            break;
        if (!has_room(channel) || channel->senders.next != &send->place.link)
            return EDO_PENDING;
        put(channel, send->message);
        leave(channel, &send->place);
        return edo_future_done(self, NULL);
    }
    leave(channel, &send->place);
    return edo_future_fail(self, -EPIPE);
}

static bool send_cancel(struct edo_future *self)
{
    struct edo_send *send = edo_container_of(self, struct edo_send, future);

    leave(send->channel, &send->place);
    return true;
}

static const struct edo_future_type send_type = {
    .name = "send", .poll = send_poll, .cancel = send_cancel, .state_names = send_state_names};

enum receive_state { RECEIVE_START = EDO_START, RECEIVE_AWAITS_MESSAGE = EDO_FIRST_AWAIT };

static const char *const receive_state_names[] = {"RECEIVE_AWAITS_MESSAGE"};

static enum edo_poll receive_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_receive *receive = edo_container_of(self, struct edo_receive, future);
    struct edo_channel *channel = receive->channel;

    switch ((enum receive_state)self->state) {
    case RECEIVE_START:
        edo_list_append(&channel->receivers, &receive->place.link);
        edo_future_goto(self, RECEIVE_AWAITS_MESSAGE);
        /* fall through */
    case RECEIVE_AWAITS_MESSAGE:
        receive->place.waker = cx->waker;
        if (channel->is_closed && !has_message(channel))
            break;
        if (!has_message(channel) || channel->receivers.next != &receive->place.link)
            return EDO_PENDING;
        take(channel, receive->message);
        leave(channel, &receive->place);
        return edo_future_done(self, receive->message);
    }
    leave(channel, &receive->place);
    return edo_future_fail(self, -EPIPE);
}

static bool receive_cancel(struct edo_future *self)
{
    struct edo_receive *receive = edo_container_of(self, struct edo_receive, future);

    leave(receive->channel, &receive->place);
    return true;
}

static const struct edo_future_type receive_type = {.name = "receive",
                                                    .poll = receive_poll,
                                                    .cancel = receive_cancel,
                                                    .state_names = receive_state_names};

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

static void wake_all(struct edo_list *line)
{
    for (struct edo_list *link = line->next; link != line; link = link->next)
        edo_wake(place_of(link)->waker);
}

void edo_channel_close(struct edo_channel *channel)
{
    channel->is_closed = true;
    wake_all(&channel->senders);
    wake_all(&channel->receivers);
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
