/* SPDX-License-Identifier: MIT */
/* reactor-per-thread.c - two threads at one port, each with an executor and a listener. */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lesson.h"

static int open_both(struct edo_executor *executor);
static void close_both(void);

const struct lesson lesson = {
    .question = "a loop has one thread: how does it use two cpus?",
    .look_at = "two threads listen at one port, and each serves four of eight clients. All that "
               "is shown is this thread; of the other one it only gets a message.",
    .answer = "it doesn't: there are two loops, and they share nothing. The kernel gives each "
              "connection to one of the listeners (SO_REUSEPORT), and there it stays. What one "
              "loop has to tell the other goes by a notice: write, then post. Who has awaited the "
              "notice may read.",
    .open = open_both,
    .close = close_both};

/* The kernel chooses a listener by a hash, so that one thread might get all of a few clients. So
 * each has a share, and then closes its listener: the rest goes to the other one. Each client comes
 * when the one before has gone: who waits at a listener that is closed would be reset. */
static struct server {
    unsigned share, served;
    struct edo_future future;
    struct edo_io listener;
    struct edo_accept accept;
} here = {.share = 4}, there = {.share = 4};

/* async fn server() { while served < share { accept().await?.write("!") } } */
static enum edo_poll server_poll(struct edo_future *self, struct edo_context *cx)
{
    struct server *server = edo_container_of(self, struct server, future);
    struct edo_future *accept = &server->accept.operation.future;

    edo_future_goto(self, EDO_FIRST_AWAIT);
    while (edo_future_await(self, accept, cx) == EDO_READY) {
        if (edo_future_error(accept) || ++server->served == server->share)
            edo_io_close(&server->listener); /* nobody is to wait in its queue */
        if (edo_future_error(accept))
            return edo_future_end_as(self, accept);
        send(server->accept.fd, "!", 1, MSG_NOSIGNAL); /* there is room for it */
        close(server->accept.fd);
        if (server->served == server->share)
            return edo_future_done(self, NULL);
        edo_accept_init(&server->accept, &server->listener);
    }
    return EDO_PENDING;
}

static pthread_t thread; /* the other one, and its executor */
static bool has_thread;
static struct edo_executor other;
static struct edo_remote door, other_door; /* into this loop, into the other one */
static struct edo_notice has_served, stop; /* from the other one, to it */
static struct edo_notified message, told;

/* async fn until_told() { select! { _ = server() => {}, _ = stop.notified() => {} } } */
static void *serve_there(void *unused)
{
    static struct edo_branch branches[] = {{.child = &there.future}, {.child = &told.future}};
    static struct edo_join until_told;
    static struct edo_task task;

    edo_race_init(&until_told, branches, 2, 0);
    edo_task_init(&task, "there", &until_told.future);
    edo_executor_block_on(&other, &task);
    edo_notice_post(&has_served);
    return unused;
}

static struct sockaddr_in port = {.sin_family = AF_INET}; /* the kernel chooses its number */
static struct edo_io client;
static struct edo_connect connecting;
static struct edo_read reading;
static unsigned answers;

static int open_socket(struct edo_io *io, struct edo_reactor *reactor, bool is_listener)
{
    struct sockaddr *address = (struct sockaddr *)&port;
    socklen_t length = sizeof port;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;

    if (fd < 0)
        return -errno;
    if (is_listener && (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)) < 0 ||
                        bind(fd, address, length) < 0 || listen(fd, SOMAXCONN) < 0 ||
                        getsockname(fd, address, &length) < 0))
        error = -errno;
    error = error ? error : edo_io_open(io, reactor, fd);
    if (error)
        close(fd);
    return error;
}

static void begin_client(struct edo_reactor *reactor)
{
    static char answer;

    open_socket(&client, reactor, false); /* where that fails, so does what follows */
    edo_connect_init(&connecting, &client, (struct sockaddr *)&port, sizeof port);
    edo_read_exactly_init(&reading, &client, &answer, 1);
}

/* async fn clients() { for _ in 0..8 { connect().await?; read().await? } has_served.await } */
static enum edo_poll clients_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    for (; answers < here.share + there.share; answers++) {
        if (edo_io_fd(&client) < 0)
            begin_client(cx->reactor);
        if (edo_future_await(self, &connecting.operation.future, cx) == EDO_PENDING ||
            edo_future_await(self, &reading.operation.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_io_close(&client);
        if (edo_future_error(&reading.operation.future))
            return edo_future_end_as(self, &reading.operation.future);
    }
    if (edo_future_await(self, &message.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say("clients", "have %u answers", answers);
    say("this thread", "has served %u", here.served);
    say("other thread", "posts: it has served %u", there.served);
    return edo_future_done(self, NULL);
}

static int open_both(struct edo_executor *executor)
{
    int error = edo_executor_open(&other, NULL);

    error = error ? error : edo_remote_open(&other_door, &other.reactor);
    error = error ? error : edo_remote_open(&door, &executor->reactor);
    error = error ? error : open_socket(&there.listener, &other.reactor, true);
    error = error ? error : open_socket(&here.listener, &executor->reactor, true);
    error = error ? error : -pthread_create(&thread, NULL, serve_there, NULL);
    has_thread = !error;
    if (error)
        close_both();
    return error;
}

/* Who steps may leave early. Then the other thread is told to stop, else it has stopped. */
static void close_both(void)
{
    if (has_thread) {
        edo_notice_post(&stop);
        pthread_join(thread, NULL);
    }
    edo_io_close(&client);
    edo_io_close(&here.listener);
    edo_io_close(&there.listener);
    edo_remote_close(&door);
    edo_remote_close(&other_door);
    edo_executor_close(&other);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type server = {.name = "server", .poll = server_poll};
    static const struct edo_future_type type = {.name = "clients", .poll = clients_poll};
    static struct edo_future clients;
    static struct lesson_task tasks[] = {{.name = "server", .future = &here.future},
                                         {.name = "clients", .future = &clients}};

    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    edo_future_init(&here.future, &server);
    edo_future_init(&there.future, &server);
    edo_accept_init(&here.accept, &here.listener);
    edo_accept_init(&there.accept, &there.listener);
    edo_notice_init(&stop, &other_door);
    edo_notice_init(&has_served, &door);
    edo_notified_init(&told, &stop);
    edo_notified_init(&message, &has_served);
    edo_future_init(&clients, &type);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
