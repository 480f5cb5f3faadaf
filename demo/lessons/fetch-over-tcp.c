/* SPDX-License-Identifier: MIT */
/* fetch-over-tcp.c - the demo's fetch_data with a server at its other end, over loopback. */
#include "peer.h"

const struct lesson lesson = {
    .question = "fetch_data over a network: what is different?",
    .look_at = "the client has 200 ms for each answer. How do its two fetches end, and when does "
               "the server notice?",
    .answer = "the sleep becomes a connect and a read, which can fail, and which nobody promises "
              "to end: so there is a timeout around them. It ends the waiting here. The other end "
              "goes on until it looks at its stream.",
    .open = peer_tcp_open,
    .close = peer_tcp_close};

static struct edo_io client;
static struct edo_future fetch;
static struct edo_connect connecting;
static struct edo_read reading;
static struct edo_timeout timeout;
static char data[7];
static unsigned fetched;

/* async fn fetch() { connect().await?; read_exactly(6).await } */
static enum edo_poll fetch_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &connecting.operation.future, cx) == EDO_PENDING ||
        edo_future_await(self, &reading.operation.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_end_as(self, &reading.operation.future);
}

static void begin_fetch(struct edo_reactor *reactor)
{
    static const struct edo_future_type type = {.name = "fetch", .poll = fetch_poll};

    edo_future_init(&fetch, &type);
    edo_read_exactly_init(&reading, &client, data, 6);
    edo_timeout_init(&timeout, &fetch, EDO_MS(200));
    if (peer_connect_open(&connecting, &client, reactor, &peer_tcp) < 0)
        say("client", "has no socket"); /* then the fetch fails */
}

/* async fn client() { timeout(200ms, fetch()).await; timeout(200ms, fetch()).await } */
static enum edo_poll client_poll(struct edo_future *self, struct edo_context *cx)
{
    for (; fetched < 2; fetched++) {
        if (edo_io_fd(&client) < 0)
            begin_fetch(cx->reactor);
        edo_future_goto(self, EDO_FIRST_AWAIT);
        if (edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_io_close(&client);
        say("client", "has %s",
            edo_timeout_has_expired(&timeout) ? "waited for too long, and goes" : data);
    }
    return edo_future_end_as(self, &timeout.future);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {.name = "client", .poll = client_poll};
    static const struct peer_step script[] = {{100, "server 1", "Data_1"},
                                              {100, "server 1", NULL},
                                              {400, "server 2", "Data_2"},
                                              {400, "server 2", NULL}};
    static struct edo_future root;
    static struct peer servers[2];
    static struct lesson_task tasks[] = {{.name = "client", .future = &root, .wanted = -ETIMEDOUT},
                                         {.name = "server 1", .future = &servers[0].future},
                                         {.name = "server 2", .future = &servers[1].future}};

    edo_future_init(&root, &type);
    peer_init_accept(&servers[0], "server 1", &peer_tcp, script, 4);
    peer_init_accept(&servers[1], "server 2", &peer_tcp, script, 4);
    return lesson_main_tasks(argc, argv, tasks, 3);
}
