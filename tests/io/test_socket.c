/* SPDX-License-Identifier: MIT */
/* Accepting, connecting and datagrams, over loopback. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* A listening socket on loopback, at a port that the kernel chose. */
struct server {
    struct runtime runtime;
    struct edo_io listener;
    struct sockaddr_in address;
};

static int socket_on_loopback(int type, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &length), 0);
    return fd;
}

static void server_open(struct server *server, int variant)
{
    int fd;

    runtime_open(&server->runtime, variant);
    fd = socket_on_loopback(SOCK_STREAM, &server->address);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(edo_io_open(&server->listener, &server->runtime.executor.reactor, fd), 0);
}

static void server_close(struct server *server)
{
    edo_io_close(&server->listener);
    runtime_close(&server->runtime);
}

static void client_open(struct server *server, struct edo_io *client)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(edo_io_open(client, &server->runtime.executor.reactor, fd), 0);
}

static void connect_init(struct edo_connect *connect, struct edo_io *client,
                         const struct sockaddr_in *address)
{
    edo_connect_init(connect, client, (const struct sockaddr *)address, sizeof *address);
}

START_TEST(a_connection_is_made_and_accepted)
{
    struct server server;
    struct edo_io client, peer;
    struct edo_accept accept;
    struct edo_connect connect;
    struct edo_task acceptor;
    struct edo_read read;
    char byte = 0;

    server_open(&server, _i);
    client_open(&server, &client);
    edo_accept_init(&accept, &server.listener);
    edo_task_init(&acceptor, "acceptor", &accept.operation.future);
    edo_executor_spawn(&server.runtime.executor, &acceptor);
    connect_init(&connect, &client, &server.address);
    ck_assert_int_eq(runtime_await(&server.runtime, &connect.operation.future).kind,
                     EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_executor_block_on(&server.runtime.executor, &acceptor), 0);
    ck_assert_int_ge(accept.fd, 0);
    ck_assert(fcntl(accept.fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(fcntl(accept.fd, F_GETFL) & O_NONBLOCK);

    ck_assert_int_eq(edo_io_open(&peer, &server.runtime.executor.reactor, accept.fd), 0);
    ck_assert_int_eq((int)write(edo_io_fd(&client), "x", 1), 1);
    edo_read_init(&read, &peer, &byte, 1);
    runtime_await(&server.runtime, &read.operation.future);
    ck_assert_int_eq(byte, 'x');
    edo_io_close(&peer);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* IO11: in a program that was started without stdin. */
START_TEST(a_connection_may_be_fd_0)
{
    struct server server;
    struct edo_io client, peer;
    struct edo_accept accept;
    struct edo_connect connect;
    struct edo_read read;
    int saved = dup(STDIN_FILENO);
    char byte = 0;

    server_open(&server, _i);
    client_open(&server, &client);
    close(STDIN_FILENO);
    connect_init(&connect, &client, &server.address);
    runtime_await(&server.runtime, &connect.operation.future);
    edo_accept_init(&accept, &server.listener);
    ck_assert_ptr_eq(runtime_await(&server.runtime, &accept.operation.future).value, &accept.fd);
    ck_assert_int_eq(accept.fd, 0);
    ck_assert_int_eq(edo_io_open(&peer, &server.runtime.executor.reactor, accept.fd), 0);
    ck_assert_int_eq((int)write(edo_io_fd(&client), "x", 1), 1);
    edo_read_init(&read, &peer, &byte, 1);
    runtime_await(&server.runtime, &read.operation.future);
    ck_assert_int_eq(byte, 'x');
    edo_io_close(&peer);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    dup2(saved, STDIN_FILENO);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* A Unix socket needs no answer of anybody to be connected. */
START_TEST(a_connection_may_be_made_at_once)
{
    struct runtime runtime;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    struct edo_io client;
    struct edo_connect connect;
    int listener;

    runtime_open(&runtime, _i);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The kernel chooses a name that is no file's (unix(7), autobind). */
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address.sun_family), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(edo_io_open(&client, &runtime.executor.reactor,
                                 socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                     0);
    edo_connect_init(&connect, &client, (struct sockaddr *)&address, length);
    wrap_begin_counting();
    ck_assert_int_eq(runtime_await(&runtime, &connect.operation.future).kind, EDO_OUTCOME_OK);
    wrap_end();
    ck_assert_uint_eq(wrap_count(CALL_GETSOCKOPT), 0); /* nobody needs to ask how it went */
    edo_io_close(&client);
    close(listener);
    runtime_close(&runtime);
}
END_TEST

/* IO3: a read that got less than it asked for has emptied the connection, so the next one waits at
 * once (epoll(7)). */
START_TEST(of_tcp_a_short_read_saves_the_call_that_would_find_nothing)
{
    struct server server;
    struct edo_io peer;
    struct edo_read read;
    struct edo_task reader;
    char bytes[16];
    int client;

    server_open(&server, _i);
    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&server.address, sizeof server.address), 0);
    ck_assert_int_eq(edo_io_open(&peer, &server.runtime.executor.reactor,
                                 accept(edo_io_fd(&server.listener), NULL, NULL)),
                     0);
    for (unsigned round = 1; round <= 3; round++) {
        wrap_begin_counting();
        edo_read_init(&read, &peer, bytes, sizeof bytes);
        edo_task_init(&reader, "reader", &read.operation.future);
        edo_executor_spawn(&server.runtime.executor, &reader);
        edo_executor_turn_now(&server.runtime.executor);
        ck_assert_uint_eq(wrap_count(CALL_READ), round == 1 ? 1 : 0);
        ck_assert_int_eq((int)write(client, "x", 1), 1);
        ck_assert_int_eq(edo_executor_block_on(&server.runtime.executor, &reader), 0);
        ck_assert_uint_eq(read.done, 1);
        ck_assert_uint_eq(wrap_count(CALL_READ), round == 1 ? 2 : 1);
        ck_assert_uint_eq(wrap_count(CALL_PROTOCOL), round == 1 ? 2 : 0); /* is it TCP? */
        wrap_end();
    }
    edo_io_close(&peer);
    close(client);
    server_close(&server);
}
END_TEST

/* A client whose send buffer is small. */
static void connect_small(struct server *server, struct edo_io *client)
{
    struct edo_connect connect;
    int size = 4096;

    client_open(server, client);
    ck_assert_int_eq(setsockopt(edo_io_fd(client), SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
    runtime_run_for(&server->runtime, EDO_MS(1)); /* the kernel says that it is hung up */
    connect_init(&connect, client, &server->address);
    runtime_await(&server->runtime, &connect.operation.future);
}

/* IO3: and so has a write that moved less than all its parts filled it. */
START_TEST(of_tcp_a_short_write_saves_the_call_that_would_find_no_room)
{
    static char large[8 << 20];
    struct iovec parts[] = {{large, 1}, {large, sizeof large}};
    struct server server;
    struct edo_io client;
    struct edo_write write;
    struct edo_task writer;

    server_open(&server, _i);
    connect_small(&server, &client);
    edo_write_parts_init(&write, &client, parts, 2);
    edo_task_init(&writer, "writer", &write.operation.future);
    edo_executor_spawn(&server.runtime.executor, &writer);
    wrap_begin_counting();
    edo_executor_turn_now(&server.runtime.executor);
    ck_assert_uint_eq(wrap_count(CALL_SENDMSG), 1);
    wrap_end();
    ck_assert_uint_gt(write.done, 1);
    edo_task_cancel(&writer);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* IO3: what one call is not given counts for nothing: with that it would seem to be full. */
START_TEST(of_tcp_a_write_of_more_parts_than_a_call_takes_goes_on)
{
    enum { PARTS = 1100 }; /* Linux takes 1024 (IOV_MAX) */
    struct server server;
    struct edo_io client;
    struct edo_connect connect;
    struct edo_write write;
    static struct iovec parts[PARTS];

    server_open(&server, _i);
    client_open(&server, &client);
    connect_init(&connect, &client, &server.address);
    runtime_await(&server.runtime, &connect.operation.future);
    for (size_t i = 0; i < PARTS; i++)
        parts[i] = (struct iovec){"x", 1};
    edo_write_parts_init(&write, &client, parts, PARTS);
    ck_assert_int_eq(runtime_await(&server.runtime, &write.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(write.done, PARTS);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

START_TEST(where_nobody_listens_a_connect_is_refused)
{
    struct server server;
    struct edo_io client;
    struct edo_connect connect;
    struct sockaddr_in nobody;
    int fd;

    server_open(&server, _i);
    fd = socket_on_loopback(SOCK_STREAM, &nobody); /* bound, so that nobody else comes to listen */
    client_open(&server, &client);
    runtime_run_for(&server.runtime, EDO_MS(1)); /* unconnected, it counts as hung up */
    connect_init(&connect, &client, &nobody);
    ck_assert_int_eq(runtime_await(&server.runtime, &connect.operation.future).error,
                     -ECONNREFUSED);
    edo_io_close(&client);
    close(fd);
    server_close(&server);
}
END_TEST

/* The kernel says once why; a read that waits on the same socket may be who is told. */
START_TEST(a_connect_that_was_refused_is_not_done_though_a_read_was_told)
{
    struct server server;
    struct edo_io client;
    struct edo_connect connect;
    struct edo_read read;
    struct edo_task tasks[2];
    struct sockaddr_in nobody;
    char byte;
    int fd, error;

    server_open(&server, _i);
    fd = socket_on_loopback(SOCK_STREAM, &nobody);
    client_open(&server, &client);
    connect_init(&connect, &client, &nobody);
    edo_read_init(&read, &client, &byte, 1);
    edo_task_init(&tasks[0], "connect", &connect.operation.future);
    edo_task_init(&tasks[1], "read", &read.operation.future);
    edo_executor_spawn(&server.runtime.executor, &tasks[0]);
    edo_executor_spawn(&server.runtime.executor, &tasks[1]);
    ck_assert_int_eq(edo_executor_run(&server.runtime.executor), 0);
    error = edo_future_error(&connect.operation.future);
    ck_assert(error == -ENOTCONN || error == -ECONNREFUSED);
    edo_io_close(&client);
    close(fd);
    server_close(&server);
}
END_TEST

START_TEST(an_address_that_is_too_long_is_an_error_of_the_call)
{
    union {
        struct sockaddr_in address;
        char bytes[sizeof(struct sockaddr_storage) + 1];
    } large;
    struct server server;
    struct edo_io client;
    struct edo_connect connect;

    memset(&large, 0xa5, sizeof large);
    large.address = (struct sockaddr_in){.sin_family = AF_INET};
    server_open(&server, _i);
    client_open(&server, &client);
    connect_init(&connect, &client, &large.address);
    ck_assert_int_eq(((char *)&connect.address)[sizeof large.address], 0); /* no more is copied */
    edo_connect_init(&connect, &client, (const struct sockaddr *)&large.address,
                     sizeof large.bytes);
    ck_assert_uint_eq(connect.length, sizeof large.bytes);
    ck_assert_int_eq(runtime_await(&server.runtime, &connect.operation.future).error, -EINVAL);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

START_TEST(many_connections_are_accepted_by_one_look)
{
    enum { MANY = 8 };
    struct server server;
    struct edo_io clients[MANY];
    struct edo_connect connects[MANY];
    struct edo_accept accept;

    server_open(&server, _i);
    for (int i = 0; i < MANY; i++) {
        client_open(&server, &clients[i]);
        connect_init(&connects[i], &clients[i], &server.address);
        ck_assert_int_eq(runtime_await(&server.runtime, &connects[i].operation.future).kind,
                         EDO_OUTCOME_OK);
    }
    for (int i = 0; i < MANY; i++) {
        edo_accept_init(&accept, &server.listener);
        ck_assert_int_eq(runtime_await(&server.runtime, &accept.operation.future).kind,
                         EDO_OUTCOME_OK);
        close(accept.fd);
        edo_io_close(&clients[i]);
    }
    server_close(&server);
}
END_TEST

static void connect_one(struct server *server, struct edo_io *client)
{
    struct edo_connect connect;

    client_open(server, client);
    connect_init(&connect, client, &server->address);
    ck_assert_int_eq(runtime_await(&server->runtime, &connect.operation.future).kind,
                     EDO_OUTCOME_OK);
}

/* IO10: on the driver of timerfds the pause has one, which is in the set that the two share. */
START_TEST(what_a_forked_child_closes_does_not_end_its_parent_s_pause)
{
    struct server server;
    struct edo_io client;
    struct edo_accept accept;
    struct edo_task task;
    pid_t child;
    int status;

    server_open(&server, _i);
    connect_one(&server, &client);
    wrap_begin(CALL_ACCEPT, 1, 1, ENOBUFS);
    edo_accept_init(&accept, &server.listener);
    edo_task_init(&task, "accept", &accept.operation.future);
    edo_executor_spawn(&server.runtime.executor, &task);
    edo_executor_turn_now(&server.runtime.executor);
    child = fork();
    if (child == 0) {
        edo_io_close(&server.listener);
        edo_io_close(&client);
        _exit(edo_executor_close(&server.runtime.executor) != 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(edo_executor_block_on(&server.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&accept.operation.future), 0);
    wrap_end();
    close(accept.fd);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* IO4: it neither spins nor fails; connections that come meanwhile don't cut the pause short. */
START_TEST(without_an_fd_accepting_pauses_and_the_connection_waits)
{
    static const int shortages[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    struct server server;
    struct edo_io client, second;
    struct edo_accept accept;
    struct edo_task task;
    uint64_t began_ns;

    server_open(&server, _i / 4);
    connect_one(&server, &client);
    wrap_begin(CALL_ACCEPT, 1, 3, shortages[_i % 4]);
    began_ns = runtime_now(&server.runtime);
    edo_accept_init(&accept, &server.listener);
    edo_task_init(&task, "accept", &accept.operation.future);
    edo_executor_spawn(&server.runtime.executor, &task);
    edo_executor_turn_now(&server.runtime.executor);
    ck_assert_uint_eq(wrap_count(CALL_ACCEPT), 1);
    connect_one(&server, &second);
    ck_assert_int_eq(edo_executor_block_on(&server.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&accept.operation.future), 0);
    ck_assert_uint_eq(wrap_count(CALL_ACCEPT), 4);
    ck_assert_uint_ge(runtime_now(&server.runtime), began_ns + 3 * EDO_MS(10));
    wrap_end();
    close(accept.fd);
    edo_io_close(&client);
    edo_io_close(&second);
    server_close(&server);
}
END_TEST

/* IO4, IO14 */
START_TEST(closing_and_cancelling_end_the_pause_of_an_accept)
{
    struct server server;
    struct edo_io client;
    struct edo_accept accept;
    struct edo_task task;

    server_open(&server, _i);
    connect_one(&server, &client);
    for (int is_closed = 0; is_closed < 2; is_closed++) {
        wrap_begin(CALL_ACCEPT, 1, 1000, EMFILE);
        edo_accept_init(&accept, &server.listener);
        edo_task_init(&task, "accept", &accept.operation.future);
        edo_executor_spawn(&server.runtime.executor, &task);
        edo_executor_turn_now(&server.runtime.executor);
        if (is_closed)
            edo_io_close(&server.listener);
        else
            edo_task_cancel(&task);
        ck_assert_int_eq(edo_executor_run(&server.runtime.executor), 0);
        ck_assert_int_eq(edo_future_error(&accept.operation.future),
                         is_closed ? -EBADF : -ECANCELED);
        ck_assert_uint_eq(wrap_count(CALL_ACCEPT), 1);
        wrap_end();
    }
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* So its owner may close what is no -1. */
START_TEST(an_accept_that_is_cancelled_before_it_began_has_no_fd)
{
    struct server server;
    struct edo_accept accept;

    server_open(&server, _i);
    edo_accept_init(&accept, &server.listener);
    edo_future_cancel(&accept.operation.future);
    ck_assert_int_eq(accept.fd, -1);
    server_close(&server);
}
END_TEST

/* IO4: the driver of timerfds has no fd for the pause either. */
START_TEST(where_not_even_a_pause_can_be_had_accepting_fails)
{
    struct server server;
    struct edo_io client;
    struct edo_accept accept;
    struct rlimit before, none;

    server_open(&server, _i);
    connect_one(&server, &client);
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    edo_accept_init(&accept, &server.listener);
    ck_assert_int_eq(runtime_await(&server.runtime, &accept.operation.future).error, -EMFILE);
    setrlimit(RLIMIT_NOFILE, &before);
    edo_accept_init(&accept, &server.listener);
    ck_assert_int_eq(runtime_await(&server.runtime, &accept.operation.future).kind, EDO_OUTCOME_OK);
    close(accept.fd);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

/* IO5 */
START_TEST(a_reset_is_an_error_of_the_read)
{
    struct server server;
    struct edo_io client, peer;
    struct edo_connect connect;
    struct edo_accept accept;
    struct edo_read read;
    struct linger reset = {1, 0};
    char byte;

    server_open(&server, _i);
    client_open(&server, &client);
    connect_init(&connect, &client, &server.address);
    runtime_await(&server.runtime, &connect.operation.future);
    edo_accept_init(&accept, &server.listener);
    runtime_await(&server.runtime, &accept.operation.future);
    edo_io_open(&peer, &server.runtime.executor.reactor, accept.fd);
    setsockopt(edo_io_fd(&client), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    edo_io_close(&client);
    edo_read_init(&read, &peer, &byte, 1);
    ck_assert_int_eq(runtime_await(&server.runtime, &read.operation.future).error, -ECONNRESET);
    edo_io_close(&peer);
    server_close(&server);
}
END_TEST

/* IO3: nor behind an urgent byte, at which a read ends. */
START_TEST(bytes_behind_an_urgent_one_are_read)
{
    struct server server;
    struct edo_io client, peer;
    struct edo_connect connect;
    struct edo_accept accept;
    struct edo_read read;
    char buffer[8];

    server_open(&server, _i);
    client_open(&server, &client);
    connect_init(&connect, &client, &server.address);
    runtime_await(&server.runtime, &connect.operation.future);
    edo_accept_init(&accept, &server.listener);
    runtime_await(&server.runtime, &accept.operation.future);
    edo_io_open(&peer, &server.runtime.executor.reactor, accept.fd);
    ck_assert_int_eq((int)send(edo_io_fd(&client), "abc!", 4, MSG_OOB), 4);
    ck_assert_int_eq((int)send(edo_io_fd(&client), "def", 3, 0), 3);
    runtime_run_for(&server.runtime, EDO_MS(1)); /* all of it has come, and its event too */
    edo_read_exactly_init(&read, &peer, buffer, 6);
    ck_assert_int_eq(runtime_await(&server.runtime, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_mem_eq(buffer, "abcdef", 6);
    edo_io_close(&peer);
    edo_io_close(&client);
    server_close(&server);
}
END_TEST

START_TEST(a_datagram_arrives_whole_and_says_who_sent_it)
{
    struct runtime runtime;
    struct sockaddr_in here, there;
    struct edo_io a, b;
    struct edo_send_to send;
    struct edo_receive_from receive;
    char buffer[4];

    runtime_open(&runtime, _i);
    edo_io_open(&a, &runtime.executor.reactor, socket_on_loopback(SOCK_DGRAM, &here));
    edo_io_open(&b, &runtime.executor.reactor, socket_on_loopback(SOCK_DGRAM, &there));
    edo_send_to_init(&send, &a, "", 0, (const struct sockaddr *)&there, sizeof there);
    ck_assert_int_eq(runtime_await(&runtime, &send.operation.future).kind, EDO_OUTCOME_OK);
    edo_receive_from_init(&receive, &b, buffer, sizeof buffer);
    ck_assert_int_eq(runtime_await(&runtime, &receive.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(receive.length, 0); /* it was empty */
    edo_send_to_init(&send, &a, "hello", 5, (const struct sockaddr *)&there, sizeof there);
    ck_assert_int_eq(runtime_await(&runtime, &send.operation.future).kind, EDO_OUTCOME_OK);
    edo_receive_from_init(&receive, &b, buffer, sizeof buffer);
    ck_assert_int_eq(runtime_await(&runtime, &receive.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(receive.length, 5); /* of which one byte found no room */
    ck_assert_mem_eq(buffer, "hell", 4);
    ck_assert_uint_eq(((const struct sockaddr_in *)&receive.address)->sin_port, here.sin_port);
    edo_io_close(&a);
    edo_io_close(&b);
    runtime_close(&runtime);
}
END_TEST

static int unix_datagrams(struct sockaddr_un *address)
{
    socklen_t length = sizeof(sa_family_t);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, length), 0); /* a name of the kernel's */
    length = sizeof *address;
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &length), 0);
    return fd;
}

/* The receiver's queue is full of what somebody else has sent. */
/* A datagram may be large. */
START_TEST(what_a_datagram_has_moved_is_charged)
{
    struct runtime runtime;
    struct edo_task polled;
    struct edo_io ios[2];
    struct edo_receive_from receive;
    struct edo_send_to send;
    struct edo_context cx = {0};
    char bytes[2 * EDO_BYTES_OF_ONE] = {0};
    int fds[2];

    runtime_open(&runtime, _i);
    cx.executor = &runtime.executor;
    cx.reactor = &runtime.executor.reactor;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(edo_io_open(&ios[i], cx.reactor, fds[i]), 0);
    runtime.executor.polled = &polled;
    runtime.executor.budget = 10;
    edo_send_to_init(&send, &ios[0], bytes, sizeof bytes, NULL, 0);
    ck_assert_int_eq(edo_future_poll(&send.operation.future, &cx), EDO_READY);
    ck_assert_uint_eq(runtime.executor.budget, 10 - 1 - 2);
    edo_receive_from_init(&receive, &ios[1], bytes, sizeof bytes);
    ck_assert_int_eq(edo_future_poll(&receive.operation.future, &cx), EDO_READY);
    ck_assert_uint_eq(runtime.executor.budget, 10 - 2 - 4);
    edo_io_close(&ios[0]);
    edo_io_close(&ios[1]);
    runtime_close(&runtime);
}
END_TEST

/* As of streams: O_NONBLOCK may have been cleared elsewhere. */
START_TEST(a_socket_that_blocks_for_others_does_not_block_a_datagram)
{
    struct runtime runtime;
    struct edo_io ios[2];
    struct edo_receive_from receive;
    struct edo_send_to send;
    struct edo_context cx = {0};
    char byte = 'x';
    int fds[2];

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(edo_io_open(&ios[i], cx.reactor, fds[i]), 0);
        fcntl(fds[i], F_SETFL, 0);
    }
    edo_receive_from_init(&receive, &ios[0], &byte, 1);
    ck_assert_int_eq(edo_future_poll(&receive.operation.future, &cx), EDO_PENDING);
    do
        edo_send_to_init(&send, &ios[0], &byte, 1, NULL, 0);
    while (edo_future_poll(&send.operation.future, &cx) == EDO_READY);
    ck_assert_int_eq(edo_future_error(&send.operation.future), 0);
    edo_future_cancel(&send.operation.future);
    edo_future_cancel(&receive.operation.future);
    edo_io_close(&ios[0]);
    edo_io_close(&ios[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(who_is_connected_is_told_when_the_receiver_has_room_again)
{
    struct runtime runtime;
    struct sockaddr_un address;
    socklen_t length = sizeof(sa_family_t) + 6; /* a NUL and five digits */
    struct edo_io receiver, sender;
    struct edo_send_to send;
    struct edo_task task;
    char byte;
    int other, fd;

    runtime_open(&runtime, _i);
    other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    edo_io_open(&receiver, &runtime.executor.reactor, unix_datagrams(&address));
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, length), 0);
    edo_io_open(&sender, &runtime.executor.reactor, fd);
    while (sendto(other, "x", 1, 0, (const struct sockaddr *)&address, length) == 1)
        ;
    edo_send_to_init(&send, &sender, "y", 1, NULL, 0);
    edo_task_init(&task, "sender", &send.operation.future);
    edo_executor_spawn(&runtime.executor, &task);
    runtime_run_for(&runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    ck_assert_int_eq((int)recv(edo_io_fd(&receiver), &byte, 1, 0), 1);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&send.operation.future), 0);
    close(other);
    edo_io_close(&sender);
    edo_io_close(&receiver);
    runtime_close(&runtime);
}
END_TEST

Suite *socket_suite(void)
{
    Suite *suite = suite_create("socket");
    TCase *streams = tcase_create("streams");
    TCase *limits = tcase_create("limits");
    TCase *datagrams = tcase_create("datagrams");

    tcase_add_loop_test(streams, a_connection_is_made_and_accepted, 0, VARIANTS);
    tcase_add_loop_test(streams, a_connection_may_be_fd_0, 0, VARIANTS);
    tcase_add_loop_test(streams, a_connection_may_be_made_at_once, 0, VARIANTS);
    tcase_add_loop_test(streams, of_tcp_a_short_read_saves_the_call_that_would_find_nothing, 0,
                        VARIANTS);
    tcase_add_loop_test(streams, of_tcp_a_short_write_saves_the_call_that_would_find_no_room, 0,
                        VARIANTS);
    tcase_add_loop_test(streams, of_tcp_a_write_of_more_parts_than_a_call_takes_goes_on, 0,
                        VARIANTS);
    tcase_add_loop_test(streams, where_nobody_listens_a_connect_is_refused, 0, VARIANTS);
    tcase_add_loop_test(streams, a_connect_that_was_refused_is_not_done_though_a_read_was_told, 0,
                        VARIANTS);
    tcase_add_loop_test(streams, an_address_that_is_too_long_is_an_error_of_the_call, 0, VARIANTS);
    tcase_add_loop_test(streams, what_a_forked_child_closes_does_not_end_its_parent_s_pause, 0,
                        VARIANTS);
    tcase_add_loop_test(streams, many_connections_are_accepted_by_one_look, 0, VARIANTS);
    tcase_add_loop_test(streams, closing_and_cancelling_end_the_pause_of_an_accept, 0, VARIANTS);
    tcase_add_loop_test(streams, an_accept_that_is_cancelled_before_it_began_has_no_fd, 0,
                        VARIANTS);
    tcase_set_tags(limits, "fd-limit"); /* scripts/check-valgrind leaves it out */
    tcase_add_loop_test(limits, where_not_even_a_pause_can_be_had_accepting_fails, FD_REAL,
                        FD_REAL + 1);
    suite_add_tcase(suite, limits);
    tcase_add_loop_test(streams, without_an_fd_accepting_pauses_and_the_connection_waits, 0,
                        4 * VARIANTS);
    tcase_add_loop_test(streams, a_reset_is_an_error_of_the_read, 0, VARIANTS);
    tcase_add_loop_test(streams, bytes_behind_an_urgent_one_are_read, 0, VARIANTS);
    suite_add_tcase(suite, streams);
    tcase_add_loop_test(datagrams, a_datagram_arrives_whole_and_says_who_sent_it, 0, VARIANTS);
    tcase_add_loop_test(datagrams, what_a_datagram_has_moved_is_charged, 0, VARIANTS);
    tcase_add_loop_test(datagrams, a_socket_that_blocks_for_others_does_not_block_a_datagram, 0,
                        VARIANTS);
    tcase_add_loop_test(datagrams, who_is_connected_is_told_when_the_receiver_has_room_again, 0,
                        VARIANTS);
    suite_add_tcase(suite, datagrams);
    return suite;
}
