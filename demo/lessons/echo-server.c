/* SPDX-License-Identifier: MIT */
/* echo-server.c - a server with limits: of connections, of silence, of the time for a farewell. */
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

static void close_all(void);

const struct lesson lesson = {
    .question = "what has a server to limit, and how does it end?",
    .look_at = "three clients, and places for two: who waits, and until when? What happens to "
               "ben, who is silent, and to cat when SIGTERM comes, at 150 ms?",
    .answer = "how many it serves (a semaphore), how long it waits for one who is silent, and how "
              "long for one who doesn't read (timeouts): of a peer whose machine is gone no event "
              "ever comes, and without a limit her place would be lost. To end, it accepts nobody "
              "more, lets all that is under way come to its end, and waits for that (a group).",
    .open = peer_server_open,
    .close = close_all};

enum { MOST = 2, IDLE_MS = 100, FAREWELL_MS = 50 };

static struct connection {
    struct edo_future future;
    struct edo_member member;
    struct edo_io io;
    struct edo_read read;
    struct edo_write write;
    struct edo_timeout timeout; /* around either of them */
    struct edo_shield farewell; /* around the last write */
    char bytes[256];
} connections[MOST];

static size_t used; /* of the connections, those that were ever open */
static struct edo_semaphore permits;
static struct edo_acquire permit;
static struct edo_accept accepting;
static struct edo_group server;

enum { READS = EDO_FIRST_AWAIT, WRITES, SAYS_BYE };
static const char *const connection_states[] = {"READS", "WRITES", "SAYS_BYE"};

static void begin_read(struct connection *c)
{
    edo_read_init(&c->read, &c->io, c->bytes, sizeof c->bytes);
    edo_timeout_init(&c->timeout, &c->read.operation.future, EDO_MS(IDLE_MS));
    edo_future_goto(&c->future, READS);
}

static void begin_write(struct connection *c, const char *bytes, size_t size, unsigned state)
{
    edo_write_init(&c->write, &c->io, bytes, size);
    edo_timeout_init(&c->timeout, &c->write.operation.future,
                     EDO_MS(state == WRITES ? IDLE_MS : FAREWELL_MS));
    edo_shield_init(&c->farewell, &c->timeout.future);
    edo_future_goto(&c->future, state);
}

/* async fn connection() {
 *     while let Ok(1..) = timeout(IDLE, read()).await { timeout(IDLE, write()).await?; }
 *     shield(timeout(FAREWELL, write("bye"))).await;
 * } */
static enum edo_poll connection_poll(struct edo_future *self, struct edo_context *cx)
{
    struct connection *c = edo_container_of(self, struct connection, future);

    if (self->state == EDO_START)
        begin_read(c);
    while (self->state != SAYS_BYE) {
        if (edo_future_await(self, &c->timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(&c->timeout.future) || c->read.done == 0)
            begin_write(c, "bye\n", 4, SAYS_BYE);
        else if (self->state == READS)
            begin_write(c, c->bytes, c->read.done, WRITES);
        else
            begin_read(c);
    }
    if (edo_future_await(self, &c->farewell.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    edo_io_close(&c->io);
    edo_semaphore_release(&permits);
    return edo_future_done(self, NULL);
}

/* In the place of one that has ended, or in the next. */
static int serve(struct edo_context *cx, int fd)
{
    static const struct edo_future_type type = {
        .name = "connection", .poll = connection_poll, .state_names = connection_states};
    struct edo_member *ended = edo_group_take(&server);
    struct connection *c =
        ended != NULL ? edo_container_of(ended, struct connection, member) : &connections[used++];

    edo_future_init(&c->future, &type);
    edo_task_init(&c->member.task, "connection", &c->future);
    if (edo_io_open(&c->io, cx->reactor, fd) < 0)
        close(fd); /* then its first read fails */
    return edo_group_spawn(&server, cx->executor, &c->member);
}

/* async fn acceptor() { loop { permits.acquire().await; spawn(connection(accept().await?)); } } */
static enum edo_poll acceptor_poll(struct edo_future *self, struct edo_context *cx)
{
    int error = 0;

    for (edo_future_goto(self, EDO_FIRST_AWAIT); !error; edo_acquire_init(&permit, &permits)) {
        if (edo_future_await(self, &permit.future, cx) == EDO_PENDING ||
            edo_future_await(self, &accepting.operation.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        error = edo_future_error(&accepting.operation.future);
        if (!error)
            error = serve(cx, accepting.fd);
        edo_accept_init(&accepting, &peer_listener);
    }
    edo_io_close(&peer_listener); /* nobody is to wait in its queue */
    return edo_future_fail(self, error);
}

/* Nobody more; and who is connected is served as if he had now said all. */
static enum edo_poll acceptor_cancel(struct edo_future *self)
{
    for (size_t i = 0; i < used; i++)
        shutdown(edo_io_fd(&connections[i].io), SHUT_RD);
    edo_future_cancel(self->awaiting);
    edo_io_close(&peer_listener);
    return EDO_READY;
}

static void close_all(void)
{
    for (size_t i = 0; i < used; i++)
        edo_io_close(&connections[i].io);
    peer_server_close();
}

/* async fn server() { group(select! { _ = acceptor() => {}, _ = sigterm => {} }).await } */
int main(int argc, char **argv)
{
    static const struct peer_step script[] = {
        {0, "ann", "one\n"},  {10, "ben", "hello?\n"}, {20, "cat", "is there a place?\n"},
        {40, "ann", "two\n"}, {80, "ann", NULL},       {150, NULL, NULL}};
    static const struct edo_future_type type = {
        .name = "acceptor", .poll = acceptor_poll, .cancel = acceptor_cancel};
    static struct edo_future acceptor;
    static struct edo_signal_wait sigterm;
    static struct edo_branch branches[] = {{.child = &acceptor},
                                           {.child = &sigterm.operation.future}};
    static struct edo_join until_sigterm;

    edo_future_init(&acceptor, &type);
    edo_semaphore_init(&permits, MOST);
    edo_acquire_init(&permit, &permits);
    edo_accept_init(&accepting, &peer_listener);
    edo_signal_wait_init(&sigterm, &peer_sigterm);
    edo_race_init(&until_sigterm, branches, 2, 0);
    edo_group_init(&server, &until_sigterm.future);
    return peer_main(argc, argv, &server.future, script, 6);
}
