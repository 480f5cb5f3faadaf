/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- Sockets ---------------------------------------------------------------------------------- */

/* Registers it, or closes it. */
static int register_or_close(struct edo_io *io, struct edo_reactor *reactor, int fd)
{
    int error = edo_io_open(io, reactor, fd);

    if (error)
        close(fd);
    return error;
}

static int open_listener(struct edo_io *listener, struct edo_reactor *reactor,
                         const struct sockaddr *address, socklen_t length, bool is_shared)
{
    static const int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    if ((is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
        bind(fd, address, length) < 0 || listen(fd, SOMAXCONN) < 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    return register_or_close(listener, reactor, fd);
}

struct edo_io peer_listener;
struct edo_signals peer_sigterm;

int peer_server_open(struct edo_executor *executor)
{
    const struct sockaddr address = {.sa_family = AF_UNIX}; /* the kernel finds a name (unix(7)) */
    sigset_t set;
    int error;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    error = edo_signals_open(&peer_sigterm, &executor->reactor, &set);
    if (!error)
        error = open_listener(&peer_listener, &executor->reactor, &address,
                              sizeof address.sa_family, false);
    if (error)
        edo_signals_close(&peer_sigterm);
    return error;
}

void peer_server_close(void)
{
    edo_io_close(&peer_listener);
    edo_signals_close(&peer_sigterm);
}

struct edo_io peer_tcp;

int peer_tcp_open(struct edo_executor *executor)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    return open_listener(&peer_tcp, &executor->reactor, (const struct sockaddr *)&address,
                         sizeof address, false);
}

void peer_tcp_close(void)
{
    edo_io_close(&peer_tcp);
}

int peer_listen_at(struct edo_io *listener, struct edo_reactor *reactor, struct sockaddr_in *port)
{
    socklen_t length = sizeof *port;
    int error;

    port->sin_family = AF_INET;
    port->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    error = open_listener(listener, reactor, (const struct sockaddr *)port, length, true);
    if (!error)
        getsockname(edo_io_fd(listener), (struct sockaddr *)port, &length);
    return error;
}

/* Also where there is no socket the future is initialised; it then fails. */
static int open_client(struct edo_connect *connect, struct edo_io *io, struct edo_reactor *reactor,
                       const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    edo_connect_init(connect, io, address, length);
    return fd < 0 ? -errno : register_or_close(io, reactor, fd);
}

int peer_connect_open(struct edo_connect *connect, struct edo_io *io, struct edo_reactor *reactor,
                      const struct edo_io *listener)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;

    getsockname(edo_io_fd(listener), (struct sockaddr *)&address, &length); /* it is bound */
    return open_client(connect, io, reactor, (struct sockaddr *)&address, length);
}

static int open_pair(struct edo_io ends[2], struct edo_reactor *reactor)
{
    int fds[2], error;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    error = register_or_close(&ends[0], reactor, fds[0]);
    if (error) {
        close(fds[1]);
        return error;
    }
    error = register_or_close(&ends[1], reactor, fds[1]);
    if (error)
        edo_io_close(&ends[0]);
    return error;
}

static void close_pair(struct edo_io ends[2])
{
    edo_io_close(&ends[0]);
    edo_io_close(&ends[1]);
}

struct edo_io peer_pairs[2][2];

int peer_pairs_open(struct edo_executor *executor)
{
    int error = open_pair(peer_pairs[0], &executor->reactor);

    if (error)
        return error;
    error = open_pair(peer_pairs[1], &executor->reactor);
    if (error)
        close_pair(peer_pairs[0]);
    return error;
}

void peer_pairs_close(void)
{
    close_pair(peer_pairs[0]);
    close_pair(peer_pairs[1]);
}

/* In one line. */
static void say_text(const char *who, const char *does, const char *text, size_t length)
{
    char shown[64];
    size_t used = 0;

    for (size_t i = 0; i < length && used + 2 < sizeof shown; i++) {
        bool is_end = text[i] == '\n';

        if (is_end)
            shown[used++] = '\\';
        shown[used++] = text[i];
        if (is_end)
            shown[used - 1] = 'n';
    }
    say(who, "%s \"%.*s\"", does, (int)used, shown);
}

void peer_send(const struct edo_io *io, const char *text)
{
    size_t length = strlen(text);

    say_text("peer", "sends", text, length);
    if (send(edo_io_fd(io), text, length, MSG_NOSIGNAL) != (ssize_t)length)
        say("peer", "could not send all of it");
}

/* --- Talking ---------------------------------------------------------------------------------- */

/* async fn talk(script) {
 *     for (at, text) in script {
 *         sleep_until(at).await;
 *         match text { Some(text) => write(text).await?, None => shutdown() }
 *     }
 * } */

enum talk_state { TALK_START = EDO_START, TALK_AWAITS_TIME = EDO_FIRST_AWAIT, TALK_WRITES };

static const char *const talk_state_names[] = {"TALK_AWAITS_TIME", "TALK_WRITES"};

static struct peer *peer_of_talk(struct peer_talk *talk)
{
    return edo_container_of(talk, struct peer, talk);
}

/* Its own next step, or the end. */
static void find_step(struct peer_talk *talk)
{
    while (talk->next != talk->end && strcmp(talk->next->name, peer_of_talk(talk)->name) != 0)
        talk->next++;
}

static uint64_t time_of_step(const struct peer *peer)
{
    return edo_time_add(peer->began_ns, EDO_MS(peer->talk.next->at_ms));
}

static void take_step(struct peer_talk *talk)
{
    struct peer *peer = peer_of_talk(talk);
    const char *text = talk->next->text;

    edo_write_init(&talk->write, peer->io, text, text != NULL ? strlen(text) : 0);
    if (text != NULL) {
        say_text(peer->name, "sends", text, strlen(text));
    } else {
        say(peer->name, "has sent all");
        edo_io_shutdown(peer->io);
    }
}

static enum edo_poll talk_poll(struct edo_future *self, struct edo_context *cx)
{
    struct peer_talk *talk = edo_container_of(self, struct peer_talk, future);

    for (;;)
        switch ((enum talk_state)self->state) {
        case TALK_WRITES:
            if (edo_future_await(self, &talk->write.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&talk->write.operation.future))
                return edo_future_done(self, NULL);
            talk->next++;
            /* fall through */
        case TALK_START:
            find_step(talk);
            if (talk->next == talk->end)
                return edo_future_done(self, NULL);
            edo_sleep_until_init(&talk->sleep, time_of_step(peer_of_talk(talk)));
            edo_future_goto(self, TALK_AWAITS_TIME);
            /* fall through */
        case TALK_AWAITS_TIME:
            if (edo_future_await(self, &talk->sleep.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            take_step(talk);
            edo_future_goto(self, TALK_WRITES);
        }
}

static const struct edo_future_type talk_type = {
    .name = "talk", .poll = talk_poll, .state_names = talk_state_names};

/* --- Listening -------------------------------------------------------------------------------- */

/* async fn listen() { while read().await? > 0 {} } */

enum listen_state { LISTEN_START = EDO_START, LISTEN_READS = EDO_FIRST_AWAIT };

static const char *const listen_state_names[] = {"LISTEN_READS"};

/* Whether the stream goes on. */
static bool tell_heard(const char *name, const struct peer_listen *listen)
{
    size_t length = listen->read.done;
    int error = edo_future_error(&listen->read.operation.future);

    if (error)
        say(name, "gets no more: %s", errno_name(-error));
    else if (length == 0)
        say(name, "gets the end");
    else
        say_text(name, "gets", listen->text, length);
    return length > 0 && !error;
}

static enum edo_poll listen_poll(struct edo_future *self, struct edo_context *cx)
{
    struct peer_listen *listen = edo_container_of(self, struct peer_listen, future);
    struct peer *peer = edo_container_of(listen, struct peer, listen);

    for (;;)
        switch ((enum listen_state)self->state) {
        case LISTEN_START:
            edo_read_init(&listen->read, peer->io, listen->text, sizeof listen->text);
            edo_future_goto(self, LISTEN_READS);
            /* fall through */
        case LISTEN_READS:
            if (edo_future_await(self, &listen->read.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (!tell_heard(peer->name, listen))
                return edo_future_done(self, NULL);
            edo_read_init(&listen->read, peer->io, listen->text, sizeof listen->text);
        }
}

static const struct edo_future_type listen_type = {
    .name = "listen", .poll = listen_poll, .state_names = listen_state_names};

/* --- The peer --------------------------------------------------------------------------------- */

/* async fn peer(listener, script) {
 *     sleep_until(script[0].at).await;
 *     connect(listener).await?;
 *     select! { _ = listen() => {}, _ = talk(script) => listen().await }
 * } */

enum peer_state {
    PEER_START = EDO_START,
    PEER_AWAITS_START = EDO_FIRST_AWAIT,
    PEER_CONNECTS,
    PEER_TALKS,
    PEER_LISTENS,
};

static const char *const peer_state_names[] = {"PEER_AWAITS_START", "PEER_CONNECTS", "PEER_TALKS",
                                               "PEER_LISTENS"};

static int begin_connection(struct peer *peer, struct edo_reactor *reactor)
{
    if (peer->listener == NULL)
        return 0;
    edo_accept_init(&peer->accept, peer->listener);
    if (peer->is_server)
        return 0;
    return peer_connect_open(&peer->connect, peer->io, reactor, peer->listener);
}

/* 0 also while it is PENDING. */
static int await_connection(struct peer *peer, struct edo_context *cx, enum edo_poll *poll)
{
    struct edo_future *connection =
        peer->is_server ? &peer->accept.operation.future : &peer->connect.operation.future;

    *poll = EDO_READY;
    if (peer->listener == NULL)
        return 0;
    *poll = edo_future_await(&peer->future, connection, cx);
    if (*poll == EDO_READY && peer->is_server && !edo_future_error(connection))
        return register_or_close(peer->io, cx->reactor, peer->accept.fd);
    return edo_future_error(connection);
}

static enum edo_poll peer_fail(struct peer *peer, int error)
{
    say(peer->name, "failed: %s", errno_name(-error));
    edo_io_close(peer->io);
    return edo_future_fail(&peer->future, error);
}

/* With its first step it connects; at an end that is open it begins at once. */
static void begin(struct peer *peer, struct edo_context *cx)
{
    edo_future_set_name(&peer->future, peer->name);
    peer->began_ns = edo_clock_now(&cx->reactor->clock);
    find_step(&peer->talk);
    edo_sleep_until_init(&peer->start, peer->listener != NULL ? time_of_step(peer) : 0);
    edo_future_goto(&peer->future, PEER_AWAITS_START);
}

static enum edo_poll peer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct peer *peer = edo_container_of(self, struct peer, future);
    enum edo_poll poll;
    int error;

    switch ((enum peer_state)self->state) {
    case PEER_START:
        begin(peer, cx);
        /* fall through */
    case PEER_AWAITS_START:
        if (edo_future_await(self, &peer->start.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        error = begin_connection(peer, cx->reactor);
        if (error)
            return peer_fail(peer, error);
        edo_future_goto(self, PEER_CONNECTS);
        /* fall through */
    case PEER_CONNECTS:
        error = await_connection(peer, cx, &poll);
        if (error)
            return peer_fail(peer, error);
        if (poll == EDO_PENDING)
            return EDO_PENDING;
        edo_future_goto(self, PEER_TALKS);
        /* fall through */
    case PEER_TALKS:
        if (edo_future_await(self, &peer->until_silent.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (peer->until_silent.decided == 0)
            break;
        edo_future_init(&peer->listen.future, &listen_type); /* anew: cut off, it lost nothing */
        edo_future_goto(self, PEER_LISTENS);
        /* fall through */
    case PEER_LISTENS:
        if (edo_future_await(self, &peer->listen.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    edo_io_close(peer->io);
    return edo_future_done(self, NULL);
}

static enum edo_poll peer_cancel(struct edo_future *self)
{
    struct peer *peer = edo_container_of(self, struct peer, future);

    if (self->awaiting != NULL)
        edo_future_cancel(self->awaiting);
    edo_io_close(peer->io);
    return EDO_READY;
}

static const struct edo_future_type peer_type = {
    .name = "peer", .poll = peer_poll, .cancel = peer_cancel, .state_names = peer_state_names};

static void peer_init(struct peer *peer, const char *name, struct edo_io *listener,
                      struct edo_io *io, const struct peer_step *script, size_t count)
{
    *peer = (struct peer){.name = name, .listener = listener};
    peer->io = io != NULL ? io : &peer->own;
    edo_future_init(&peer->future, &peer_type);
    edo_future_init(&peer->talk.future, &talk_type);
    edo_future_init(&peer->listen.future, &listen_type);
    peer->branches[0].child = &peer->listen.future;
    peer->branches[1].child = &peer->talk.future;
    edo_race_init(&peer->until_silent, peer->branches, 2, 0);
    peer->talk.next = script;
    peer->talk.end = script + count;
}

void peer_init_on(struct peer *peer, const char *name, struct edo_io *io,
                  const struct peer_step *script, size_t count)
{
    peer_init(peer, name, NULL, io, script, count);
}

void peer_init_accept(struct peer *peer, const char *name, struct edo_io *listener,
                      const struct peer_step *script, size_t count)
{
    peer_init(peer, name, listener, NULL, script, count);
    peer->is_server = true;
}

/* --- Clients ---------------------------------------------------------------------------------- */

/* async fn clients(port, count) {
 *     for _ in 0..count { connect(port).await?.read_exactly(1).await?; }
 * } */

enum clients_state { CLIENTS_AWAIT_ANSWER = EDO_FIRST_AWAIT };

static const char *const clients_state_names[] = {"CLIENTS_AWAIT_ANSWER"};

/* Without a socket both futures fail. */
static void begin_client(struct peer_clients *clients, struct edo_reactor *reactor)
{
    open_client(&clients->connect, &clients->io, reactor, (const struct sockaddr *)clients->port,
                sizeof *clients->port);
    edo_read_exactly_init(&clients->read, &clients->io, &clients->answer, 1);
}

static enum edo_poll clients_poll(struct edo_future *self, struct edo_context *cx)
{
    struct peer_clients *clients = edo_container_of(self, struct peer_clients, future);
    struct edo_future *read = &clients->read.operation.future;

    edo_future_goto(self, CLIENTS_AWAIT_ANSWER);
    for (; clients->answers < clients->count; clients->answers++) {
        if (edo_io_fd(&clients->io) < 0)
            begin_client(clients, cx->reactor);
        if (edo_future_await(self, &clients->connect.operation.future, cx) == EDO_PENDING ||
            edo_future_await(self, read, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_io_close(&clients->io);
        if (edo_future_error(read))
            return edo_future_end_as(self, read);
    }
    return edo_future_done(self, NULL);
}

static enum edo_poll clients_cancel(struct edo_future *self)
{
    struct peer_clients *clients = edo_container_of(self, struct peer_clients, future);

    edo_future_cancel(self->awaiting);
    edo_io_close(&clients->io);
    return EDO_READY;
}

static const struct edo_future_type clients_type = {.name = "clients",
                                                    .poll = clients_poll,
                                                    .cancel = clients_cancel,
                                                    .state_names = clients_state_names};

void peer_clients_init(struct peer_clients *clients, const struct sockaddr_in *port, unsigned count)
{
    *clients = (struct peer_clients){.port = port, .count = count};
    edo_future_init(&clients->future, &clients_type);
}

/* --- All of them ------------------------------------------------------------------------------ */

enum { MOST_PEERS = 4 };

static void terminate(struct edo_context *cx, void *data)
{
    (void)cx, (void)data;
    say("somebody", "sends SIGTERM");
    kill(getpid(), SIGTERM);
}

static bool has_said_before(const struct peer_step *script, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(script[k].name, script[i].name) == 0)
            return true;
    return false;
}

int peer_main(int argc, char **argv, struct edo_future *server, const struct peer_step *script,
              size_t count)
{
    static struct peer peers[MOST_PEERS];
    static struct later later;
    static struct lesson_task tasks[MOST_PEERS + 2];
    size_t used = 0;

    tasks[0] = (struct lesson_task){.name = "server", .future = server};
    for (size_t i = 0; i + 1 < count; i++) {
        if (has_said_before(script, i))
            continue;
        assert(used < MOST_PEERS);
        peer_init(&peers[used], script[i].name, &peer_listener, NULL, script, count - 1);
        tasks[1 + used] =
            (struct lesson_task){.name = script[i].name, .future = &peers[used].future};
        used++;
    }
    later_init(&later, EDO_MS(script[count - 1].at_ms), terminate, NULL);
    tasks[1 + used] = (struct lesson_task){.name = "somebody", .future = &later.future};
    return lesson_main_tasks(argc, argv, tasks, used + 2);
}
