/* SPDX-License-Identifier: MIT */
/* backpressure.c - a fast writer and a slow reader at the two ends of a stream. */
#include "peer.h"

const struct lesson lesson = {
    .question = "the reader is slow: where do the bytes pile up?",
    .look_at = "when each MB is written, and what the reader does at that time.",
    .answer = "nowhere. The kernel's buffer is full soon, and a write is not done before all its "
              "bytes are in it: so the writer waits, and holds one MB, however much there is to "
              "send. A queue in between must have an end too, or it would be the pile.",
    .open = peer_pairs_open,
    .close = peer_pairs_close};

enum { MB = 1024 * 1024, MOST = 3 };

static struct edo_io *const writers_end = &peer_pairs[0][0], *const readers_end = &peer_pairs[0][1];

static struct edo_write writing;
static unsigned written;

static void begin_write(void)
{
    static char megabyte[MB] = {0};

    edo_write_init(&writing, writers_end, megabyte, MB);
}

/* async fn writer() { for _ in 0..3 { write(megabyte).await; } close() } */
static enum edo_poll writer_poll(struct edo_future *self, struct edo_context *cx)
{
    if (self->state == EDO_START)
        begin_write();
    for (edo_future_goto(self, EDO_FIRST_AWAIT); written < MOST; begin_write()) {
        if (edo_future_await(self, &writing.operation.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        say("writer", "has written MB %u", ++written);
    }
    edo_io_close(writers_end);
    return edo_future_done(self, NULL);
}

static struct edo_sleep work;
static struct edo_read reading;

static void begin_read(void)
{
    static char megabyte[MB];

    edo_sleep_init(&work, EDO_MS(100));
    edo_read_exactly_init(&reading, readers_end, megabyte, MB);
}

/* async fn reader() { loop { sleep(100ms).await; read_exactly(megabyte).await?; } } */
static enum edo_poll reader_poll(struct edo_future *self, struct edo_context *cx)
{
    if (self->state == EDO_START)
        begin_read();
    for (edo_future_goto(self, EDO_FIRST_AWAIT);; begin_read()) {
        if (edo_future_await(self, &work.future, cx) == EDO_PENDING ||
            edo_future_await(self, &reading.operation.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (reading.done < MB)
            return edo_future_done(self, NULL);
        say("reader", "has read an MB, and works");
    }
}

int main(int argc, char **argv)
{
    static const struct edo_future_type types[] = {{.name = "writer", .poll = writer_poll},
                                                   {.name = "reader", .poll = reader_poll}};
    static struct edo_future ends[2];
    static struct lesson_task tasks[] = {{.name = "writer", .future = &ends[0]},
                                         {.name = "reader", .future = &ends[1]}};

    edo_future_init(&ends[0], &types[0]);
    edo_future_init(&ends[1], &types[1]);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
