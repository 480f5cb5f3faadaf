/* SPDX-License-Identifier: MIT */
/* An echo server and 200 clients over loopback, in one runtime: slow ones, flooding ones, such that
 * close half, reset or say nothing. When all have gone no fd, task or source is left, and every
 * byte that was to come back has. IO8, IO14; `make check-soak` does it for EDO_SOAK seconds. */
#include <arpa/inet.h>
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"

enum { CLIENTS = 200, HANDLERS = 2 * CLIENTS, ECHO_SIZE = 4096, FLOOD = 1 << 18 };

/* --- The server ------------------------------------------------------------------------------- */

/* async fn echo(io) { while read(io).await? > 0 { write(io, what was read).await?; } close(io) } */
struct echo {
    struct edo_future future;
    struct edo_task task;
    struct edo_io io;
    struct edo_read read;
    struct edo_write write;
    unsigned char buffer[ECHO_SIZE];
};

enum echo_state { ECHO_START = EDO_START, ECHO_AWAITS_READ = EDO_FIRST_AWAIT, ECHO_AWAITS_WRITE };

static void echo_read(struct echo *echo)
{
    edo_read_init(&echo->read, &echo->io, echo->buffer, sizeof echo->buffer);
    edo_future_goto(&echo->future, ECHO_AWAITS_READ);
}

static enum edo_poll echo_end(struct echo *echo)
{
    edo_io_close(&echo->io);
    return edo_future_done(&echo->future, NULL);
}

static enum edo_poll echo_poll(struct edo_future *self, struct edo_context *cx)
{
    struct echo *echo = edo_container_of(self, struct echo, future);

    for (;;)
        switch ((enum echo_state)self->state) {
        case ECHO_START:
            echo_read(echo);
            /* fall through */
        case ECHO_AWAITS_READ:
            if (edo_future_await(self, &echo->read.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&echo->read.operation.future) || echo->read.done == 0)
                return echo_end(echo);
            edo_write_init(&echo->write, &echo->io, echo->buffer, echo->read.done);
            edo_future_goto(self, ECHO_AWAITS_WRITE);
            /* fall through */
        case ECHO_AWAITS_WRITE:
            if (edo_future_await(self, &echo->write.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&echo->write.operation.future))
                return echo_end(echo);
            echo_read(echo);
            break;
        }
}

/* async fn server() { loop { spawn(echo(accept().await)); } } */
struct server {
    struct edo_future future;
    struct edo_task task;
    struct edo_io listener;
    struct edo_accept accept;
    struct edo_sleep full; /* no handler is free */
    struct sockaddr_in address;
    struct echo handlers[HANDLERS];
};

enum server_state {
    SERVER_START = EDO_START,
    SERVER_AWAITS_ACCEPT = EDO_FIRST_AWAIT,
    SERVER_AWAITS_HANDLER,
};

static const struct edo_future_type echo_type = {.name = "echo", .poll = echo_poll};

static bool has_handled(struct server *server, struct edo_context *cx)
{
    for (int i = 0; i < HANDLERS; i++) {
        struct echo *echo = &server->handlers[i];

        if (edo_task_is_live(&echo->task))
            continue;
        ck_assert_int_eq(edo_io_open(&echo->io, cx->reactor, server->accept.fd), 0);
        edo_future_init(&echo->future, &echo_type);
        edo_task_init(&echo->task, "echo", &echo->future);
        return edo_executor_spawn(cx->executor, &echo->task) == 0;
    }
    return false;
}

static enum edo_poll server_poll(struct edo_future *self, struct edo_context *cx)
{
    struct server *server = edo_container_of(self, struct server, future);

    for (;;)
        switch ((enum server_state)self->state) {
        case SERVER_START:
            edo_accept_init(&server->accept, &server->listener);
            edo_future_goto(self, SERVER_AWAITS_ACCEPT);
            /* fall through */
        case SERVER_AWAITS_ACCEPT:
            if (edo_future_await(self, &server->accept.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            ck_assert_int_ge(server->accept.fd, 0);
            edo_sleep_init(&server->full, 0);
            edo_future_goto(self, SERVER_AWAITS_HANDLER);
            /* fall through */
        case SERVER_AWAITS_HANDLER:
            if (edo_future_await(self, &server->full.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            edo_sleep_init(&server->full, EDO_MS(1));
            if (has_handled(server, cx))
                edo_future_goto(self, SERVER_START);
            break;
        }
}

static void server_open(struct server *server, struct edo_executor *executor)
{
    static const struct edo_future_type type = {.name = "server", .poll = server_poll};
    socklen_t length = sizeof server->address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    server->address = (struct sockaddr_in){.sin_family = AF_INET};
    server->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&server->address, length), 0);
    ck_assert_int_eq(listen(fd, CLIENTS), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&server->address, &length), 0);
    ck_assert_int_eq(edo_io_open(&server->listener, &executor->reactor, fd), 0);
    edo_future_init(&server->future, &type);
    edo_task_init(&server->task, "server", &server->future);
    ck_assert_int_eq(edo_executor_spawn(executor, &server->task), 0);
}

/* --- The clients ------------------------------------------------------------------------------ */

enum kind { SLOW, FLOODING, HALF_CLOSING, RESETTING, SILENT, KINDS };

/* What a kind does: so many times it writes, and beside that reads back, so many bytes. */
static const struct {
    unsigned rounds;
    size_t size;
    uint64_t pause_ns; /* after each round */
} habits[KINDS] = {
    {5, 1, EDO_MS(1)}, {2, FLOOD, 0}, {1, 20000, 0}, {1, 50000, 0}, {1, 0, EDO_MS(2)},
};

struct client {
    struct edo_future future;
    struct edo_task task;
    struct server *server;
    enum kind kind;
    unsigned round;
    struct edo_io io;
    struct edo_connect connect;
    struct edo_write write;
    struct edo_read read;
    struct edo_branch branches[2];
    struct edo_join join;
    struct edo_sleep pause;
    unsigned char sent[FLOOD], received[FLOOD];
};

enum client_state {
    CLIENT_START = EDO_START,
    CLIENT_AWAITS_CONNECT = EDO_FIRST_AWAIT,
    CLIENT_AWAITS_WRITE, /* that one who resets or closes half does by itself */
    CLIENT_AWAITS_BOTH,
    CLIENT_AWAITS_REST,
    CLIENT_AWAITS_END,
    CLIENT_AWAITS_PAUSE,
};

/* Each from an address of its own, for there are not ports enough at one. */
static int client_socket(uint64_t *random)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(0x7f000000U | (uint32_t)(1 + draw(random) % 0xfffffe));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void client_round(struct client *client)
{
    size_t size = habits[client->kind].size;

    edo_write_init(&client->write, &client->io, client->sent, size);
    edo_read_exactly_init(&client->read, &client->io, client->received, size);
    client->branches[0].child = &client->write.operation.future;
    client->branches[1].child = &client->read.operation.future;
    edo_join_init(&client->join, client->branches, 2);
    edo_sleep_init(&client->pause, habits[client->kind].pause_ns);
    if (client->kind == HALF_CLOSING || client->kind == RESETTING)
        edo_future_goto(&client->future, CLIENT_AWAITS_WRITE);
    else
        edo_future_goto(&client->future, CLIENT_AWAITS_BOTH);
}

static enum edo_poll client_end(struct client *client)
{
    static const struct linger reset = {1, 0};

    if (client->kind == RESETTING)
        setsockopt(edo_io_fd(&client->io), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    edo_io_close(&client->io);
    return edo_future_done(&client->future, NULL);
}

static void check_came_back(const struct client *client)
{
    size_t size = habits[client->kind].size;

    ck_assert_int_eq(edo_future_error(&client->read.operation.future), 0);
    ck_assert_int_eq(memcmp(client->sent, client->received, size), 0);
}

static struct edo_future *awaited_by(struct client *client)
{
    switch ((enum client_state)client->future.state) {
    case CLIENT_START:
    case CLIENT_AWAITS_CONNECT:
        break;
    case CLIENT_AWAITS_WRITE:
        return &client->write.operation.future;
    case CLIENT_AWAITS_BOTH:
        return &client->join.future;
    case CLIENT_AWAITS_REST:
    case CLIENT_AWAITS_END:
        return &client->read.operation.future;
    case CLIENT_AWAITS_PAUSE:
        return &client->pause.future;
    }
    return &client->connect.operation.future;
}

/* What it awaited has come. */
static void client_next(struct client *client)
{
    struct edo_future *self = &client->future;
    bool is_half = client->kind == HALF_CLOSING;

    switch ((enum client_state)self->state) {
    case CLIENT_START:
    case CLIENT_AWAITS_CONNECT:
        ck_assert_int_eq(edo_future_error(&client->connect.operation.future), 0);
        client_round(client);
        break;
    case CLIENT_AWAITS_WRITE:
        ck_assert(!is_half || edo_io_shutdown(&client->io) == 0);
        edo_future_goto(self, is_half ? CLIENT_AWAITS_REST : CLIENT_AWAITS_PAUSE);
        break;
    case CLIENT_AWAITS_BOTH:
        check_came_back(client);
        edo_future_goto(self, CLIENT_AWAITS_PAUSE);
        break;
    case CLIENT_AWAITS_REST:
        check_came_back(client);
        edo_read_init(&client->read, &client->io, client->received, 1);
        edo_future_goto(self, CLIENT_AWAITS_END);
        break;
    case CLIENT_AWAITS_END:
        ck_assert_int_eq(edo_future_error(&client->read.operation.future), 0);
        ck_assert_uint_eq(client->read.done, 0);
        edo_future_goto(self, CLIENT_AWAITS_PAUSE);
        break;
    case CLIENT_AWAITS_PAUSE:
        if (++client->round < habits[client->kind].rounds)
            client_round(client);
        break;
    }
}

/* async fn client() {
 *     connect().await?;
 *     for round in rounds { write and read back .await; pause.await; }
 *     close(io)
 * } */
static enum edo_poll client_poll(struct edo_future *self, struct edo_context *cx)
{
    struct client *client = edo_container_of(self, struct client, future);

    if (self->state == EDO_START)
        edo_future_goto(self, CLIENT_AWAITS_CONNECT);
    while (client->round < habits[client->kind].rounds) {
        if (edo_future_await(self, awaited_by(client), cx) == EDO_PENDING)
            return EDO_PENDING;
        client_next(client);
    }
    return client_end(client);
}

static void client_begin(struct client *client, struct edo_executor *executor, uint64_t *random)
{
    static const struct edo_future_type type = {.name = "client", .poll = client_poll};
    const struct sockaddr_in *address = &client->server->address;

    client->kind = (enum kind)(draw(random) % KINDS);
    client->round = 0;
    memset(client->sent, (int)(draw(random) % 256), habits[client->kind].size);
    ck_assert_int_eq(edo_io_open(&client->io, &executor->reactor, client_socket(random)), 0);
    edo_connect_init(&client->connect, &client->io, (const struct sockaddr *)address,
                     sizeof *address);
    edo_future_init(&client->future, &type);
    edo_task_init(&client->task, "client", &client->future);
    ck_assert_int_eq(edo_executor_spawn(executor, &client->task), 0);
}

/* --- All together ----------------------------------------------------------------------------- */

static struct server the_server;
/* Not static memory: every test of the program would have it, and whoever looks for leaks search
 * it. */
static struct client *clients;

/* Begins those that have ended again, until `deadline_ns`. Whether any is live. */
static bool begin_clients(struct runtime *runtime, uint64_t deadline_ns, uint64_t *random,
                          uint64_t *begun)
{
    bool is_time = *begun < CLIENTS || runtime_now(runtime) < deadline_ns;
    bool is_any = false;

    for (int i = 0; i < CLIENTS; i++) {
        if (is_time && !edo_task_is_live(&clients[i].task)) {
            clients[i].server = &the_server;
            client_begin(&clients[i], &runtime->executor, random);
            ++*begun;
        }
        is_any |= edo_task_is_live(&clients[i].task);
    }
    return is_any;
}

/* Bytes that malloc has given; 0 where it can't be asked. */
static size_t heap_in_use(void)
{
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    return getenv("EDO_SANITIZED") == NULL ? mallinfo2().uordblks
                                           : 0; /* it has a heap of its own */
#else
    return 0;
#endif
}

/* Whatever they send, all there is of the server is `the_server`: nothing is taken from the heap.
 */
static void run_connections(int variant, uint64_t duration_ns)
{
    struct runtime runtime;
    uint64_t random = 1, begun = 0, deadline_ns;
    size_t before;

    clients = calloc(CLIENTS, sizeof *clients);
    ck_assert_ptr_nonnull(clients);
    runtime_open(&runtime, variant);
    server_open(&the_server, &runtime.executor);
    deadline_ns = runtime_now(&runtime) + duration_ns;
    before = heap_in_use();
    while (begin_clients(&runtime, deadline_ns, &random, &begun)) {
        ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
        ck_assert_uint_eq(heap_in_use(), before);
    }
    edo_task_cancel(&the_server.task);
    edo_io_close(&the_server.listener);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0); /* the handlers see the end */
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    ck_assert_uint_eq(runtime.executor.reactor.watched, 0);
    runtime_close(&runtime);
    free(clients);
    printf("connections: %" PRIu64 "\n", begun);
}

START_TEST(two_hundred_clients_of_all_kinds_leave_nothing_behind)
{
    run_connections(_i, 0);
}
END_TEST

/* make check-soak */
START_TEST(for_as_long_as_you_like)
{
    const char *text = getenv("EDO_SOAK");
    uint64_t seconds = text != NULL ? strtoull(text, NULL, 10) : 0;

    run_connections(_i, EDO_S(seconds));
}
END_TEST

Suite *connections_suite(void)
{
    Suite *suite = suite_create("connections");
    TCase *once = tcase_create("once");

    tcase_add_loop_test(once, two_hundred_clients_of_all_kinds_leave_nothing_behind, FD_REAL,
                        VARIANTS);
    suite_add_tcase(suite, once);
    if (getenv("EDO_SOAK") != NULL) {
        TCase *soak = tcase_create("soak");

        tcase_add_loop_test(soak, for_as_long_as_you_like, FD_REAL, VARIANTS);
        tcase_set_timeout(soak, 0);
        suite_add_tcase(suite, soak);
    }
    return suite;
}
