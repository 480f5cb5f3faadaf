/* SPDX-License-Identifier: MIT */
/* protocol-test.c - a protocol with long times, tested against a peer that follows a script. */
#include "peer.h"

const struct lesson lesson = {
    .question = "my protocol takes hours: how is it tested?",
    .look_at = "the client asks each half hour, waits 5 s for an answer, and asks three times at "
               "most. The peer answers at once, half an hour later not at first, and then never.",
    .answer = "on virtual time: it jumps to the next deadline when no task is ready. Both ends are "
              "in this process, so no byte is under way then, and each run is the same to the ns.",
    .is_virtual = true,
    .open = peer_pairs_open,
    .close = peer_pairs_close};

enum { MOST_ASKS = 3 };
static struct edo_io *const clients_end = &peer_pairs[0][0];
static struct {
    struct edo_future future;
    unsigned asks, unanswered;
    struct edo_interval tick;
    struct edo_write write;
    struct edo_read read;
    struct edo_timeout timeout;
    char answer[8];
} client;

static void prepare_ask(void)
{
    edo_write_init(&client.write, clients_end, "ping", 4);
    edo_read_init(&client.read, clients_end, client.answer, sizeof client.answer);
    edo_timeout_init(&client.timeout, &client.read.operation.future, EDO_S(5));
}

/* async fn client() { loop { tick.await; write("ping").await; timeout(5s, read()).await; ... } } */
static enum edo_poll client_poll(struct edo_future *self, struct edo_context *cx)
{
    for (edo_future_goto(self, EDO_FIRST_AWAIT);; prepare_ask()) {
        if (edo_future_await(self, &client.tick.future, cx) == EDO_PENDING ||
            edo_future_await(self, &client.write.operation.future, cx) == EDO_PENDING ||
            edo_future_await(self, &client.timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        client.asks++;
        client.unanswered = edo_future_error(&client.timeout.future) ? client.unanswered + 1 : 0;
        if (client.unanswered == MOST_ASKS)
            return edo_future_end_as(self, &client.timeout.future);
        if (client.unanswered == 0)
            edo_interval_next(&client.tick); /* else it has ended, and is not waited for */
    }
}

/* async fn test() { assert_eq!(client().await, Err(ETIMEDOUT)); assert_eq!(asks, 6); ... } */
static enum edo_poll test_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &client.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    edo_io_close(clients_end);
    say("test", "%u asks, then %s", client.asks, errno_name(-edo_future_error(&client.future)));
    if (client.asks == 6 && say_elapsed_ns() == EDO_S(3 * 1800 + 3 * 5) &&
        edo_future_error(&client.future) == -ETIMEDOUT)
        return edo_future_done(self, NULL);
    return edo_future_fail(self, -EPROTO);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type types[] = {{.name = "client", .poll = client_poll},
                                                   {.name = "test", .poll = test_poll}};
    static const struct peer_step script[] = {{1800020, "peer", "pong"}, {3605020, "peer", "pong"}};
    static struct edo_future test;
    static struct peer peer;
    static struct lesson_task tasks[] = {{.name = "test", .future = &test},
                                         {.name = "peer", .future = &peer.future}};

    edo_interval_at_init(&client.tick, EDO_S(1800), EDO_S(1800), EDO_MISSED_DELAY);
    prepare_ask();
    edo_future_init(&client.future, &types[0]);
    edo_future_init(&test, &types[1]);
    peer_init_on(&peer, "peer", &peer_pairs[0][1], script, 2);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
