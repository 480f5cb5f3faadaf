/* SPDX-License-Identifier: MIT */
/* producer-consumer.c - a channel between two tasks, with room for two. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "who wakes whom when no kernel is between?",
    .look_at = "the times: what has the consumer just done whenever the producer sends?",
    .answer = "the other end: who makes room or brings a message calls its waker, in memory."};

static struct edo_channel channel;
static struct edo_send sending;
static struct edo_receive receiving;
static struct edo_sleep work;
static unsigned made = 1, taken, buffer[2];

enum producer_state { PRODUCER_START = EDO_START, AWAITS_ROOM = EDO_FIRST_AWAIT };
static const char *const producer_names[] = {"AWAITS_ROOM"};

/* async fn producer() { for item in 1..=6 { channel.send(item).await; } channel.close(); } */
static enum edo_poll producer_poll(struct edo_future *self, struct edo_context *cx)
{
    switch ((enum producer_state)self->state) {
    case PRODUCER_START:
        edo_send_init(&sending, &channel, &made);
        edo_future_goto(self, AWAITS_ROOM);
        /* fall through */
    case AWAITS_ROOM:
        for (; made <= 6; edo_send_init(&sending, &channel, &made)) {
            if (edo_future_await(self, &sending.future, cx) == EDO_PENDING) {
                say("producer", "%u has to wait for room", made);
                return EDO_PENDING;
            }
            say("producer", "sent %u", made++);
        }
        break;
    }
    edo_channel_close(&channel);
    return edo_future_done(self, NULL);
}

enum consumer_state { CONSUMER_START = EDO_START, AWAITS_ITEM = EDO_FIRST_AWAIT, AWAITS_WORK };
static const char *const consumer_names[] = {"AWAITS_ITEM", "AWAITS_WORK"};

/* async fn consumer() { while let Ok(item) = channel.receive().await { sleep(50ms).await; } } */
static enum edo_poll consumer_poll(struct edo_future *self, struct edo_context *cx)
{
    for (;;)
        switch ((enum consumer_state)self->state) {
        case AWAITS_WORK:
            if (edo_future_await(self, &work.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            /* fall through */
        case CONSUMER_START:
            edo_receive_init(&receiving, &channel, &taken);
            edo_future_goto(self, AWAITS_ITEM);
            /* fall through */
        case AWAITS_ITEM:
            if (edo_future_await(self, &receiving.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&receiving.future)) /* closed, and empty */
                return edo_future_done(self, NULL);
            say("consumer", "got %u", taken);
            edo_sleep_init(&work, EDO_MS(50));
            edo_future_goto(self, AWAITS_WORK);
        }
}

int main(int argc, char **argv)
{
    static const struct edo_future_type types[] = {
        {.name = "producer", .poll = producer_poll, .state_names = producer_names},
        {.name = "consumer", .poll = consumer_poll, .state_names = consumer_names}};
    static struct edo_future ends[2];
    static struct lesson_task tasks[] = {{.name = "producer", .future = &ends[0]},
                                         {.name = "consumer", .future = &ends[1]}};

    edo_channel_init(&channel, buffer, sizeof buffer[0], 2);
    edo_future_init(&ends[0], &types[0]);
    edo_future_init(&ends[1], &types[1]);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
