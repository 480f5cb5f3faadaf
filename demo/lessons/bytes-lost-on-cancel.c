/* SPDX-License-Identifier: MIT */
/* bytes-lost-on-cancel.c - a read that a timeout cuts off, then begun anew or gone on with. */
#include "peer.h"

const struct lesson lesson = {
    .question = "a read times out half-way: where is that half?",
    .look_at = "both readers want 8 bytes, and their first read times out. What has each then, "
               "and where in its buffer does it read on?",
    .answer = "in the buffer, and `done` says how much it is: a read that is cancelled, timed out "
              "or failed has taken no byte that you don't know of. Who begins anew at the buffer's "
              "start loses what was there, and waits for bytes that never come.",
    .open = peer_pairs_open,
    .close = peer_pairs_close};

static struct reader {
    struct edo_future future;
    const char *name;
    struct edo_io *io;
    struct edo_read read;
    struct edo_timeout timeout;
    char bytes[8];
} readers[] = {{.name = "anew", .io = &peer_pairs[0][0]},
               {.name = "goes on", .io = &peer_pairs[1][0]}};

enum { READS = EDO_FIRST_AWAIT, READS_AGAIN };
static const char *const reader_states[] = {"READS", "READS_AGAIN"};

static void begin(struct reader *reader, size_t have, unsigned state)
{
    edo_read_exactly_init(&reader->read, reader->io, reader->bytes + have, 8 - have);
    edo_timeout_init(&reader->timeout, &reader->read.operation.future, EDO_MS(200));
    edo_future_goto(&reader->future, state);
}

/* async fn reader() { while timeout(200ms, read_exactly(8)).await.is_err() {} }, twice at most */
static enum edo_poll reader_poll(struct edo_future *self, struct edo_context *cx)
{
    struct reader *reader = edo_container_of(self, struct reader, future);

    if (self->state == EDO_START)
        begin(reader, 0, READS);
    while (edo_future_await(self, &reader->timeout.future, cx) == EDO_READY) {
        bool is_late = edo_future_error(&reader->timeout.future) != 0;

        say(reader->name, "%s, done is %zu: %.8s", is_late ? "timed out" : "completed",
            reader->read.done, reader->bytes);
        if (!is_late || self->state == READS_AGAIN)
            return edo_future_end_as(self, &reader->timeout.future);
        begin(reader, reader == &readers[0] ? 0 : reader->read.done, READS_AGAIN);
    }
    return EDO_PENDING;
}

static void send_to_both(struct edo_context *cx, void *text)
{
    (void)cx;
    for (size_t i = 0; i < 2; i++)
        peer_send(&peer_pairs[i][1], text);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "reader", .poll = reader_poll, .state_names = reader_states};
    static struct later first, second;
    static struct lesson_task tasks[] = {
        {.name = "anew", .future = &readers[0].future, .wanted = -ETIMEDOUT},
        {.name = "goes on", .future = &readers[1].future},
        {.name = "first half", .future = &first.future},
        {.name = "second half", .future = &second.future}};

    edo_future_init(&readers[0].future, &type);
    edo_future_init(&readers[1].future, &type);
    later_init(&first, EDO_MS(100), send_to_both, "abcd");
    later_init(&second, EDO_MS(300), send_to_both, "EFGH");
    return lesson_main_tasks(argc, argv, tasks, 4);
}
