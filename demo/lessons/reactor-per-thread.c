/* SPDX-License-Identifier: MIT */
/* reactor-per-thread.c - two threads at one port, each with an executor and a listener. */
#include <pthread.h>
#include <unistd.h>

#include "peer.h"

static int open_both(struct edo_executor *executor);
static void close_both(void);

const struct lesson lesson = {
    .question = "a loop has one thread: how does it use two cpus?",
    .look_at = "two threads listen at one port, and each serves four of eight clients. What is "
               "shown is this thread. The other one is told to end, and then says what it did.",
    .answer = "it doesn't: there are two loops, and they share nothing. The kernel gives each "
              "connection to one of the listeners (SO_REUSEPORT), and there it stays. What one "
              "loop has to tell the other goes by a notice: write, then post; who has awaited the "
              "notice may read. Here it says no more than: end.",
    .open = open_both,
    .close = close_both};

static struct sockaddr_in port; /* of both listeners; the kernel chooses its number */

/* The kernel chooses a listener by a hash, so that one thread might get all of a few clients. So
 * each has a share, and then closes its listener: the rest goes to the other one. */
static struct server {
    unsigned share, served;
    struct edo_future future;
    struct edo_io listener;
    struct edo_accept accept;
} here = {.share = 4}, there = {.share = 4};

static struct peer_clients clients; /* one after another */

/* async fn server() { while served < share { accept().await?.write("!") } } */
static enum edo_poll server_poll(struct edo_future *self, struct edo_context *cx)
{
    struct server *server = edo_container_of(self, struct server, future);
    struct edo_future *accept = &server->accept.operation.future;

    edo_future_goto(self, EDO_FIRST_AWAIT);
    while (edo_future_await(self, accept, cx) == EDO_READY) {
        if (edo_future_error(accept) || ++server->served == server->share)
            edo_io_close(&server->listener); /* before the next client could choose its queue */
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

static int open_server(struct server *server, struct edo_reactor *reactor)
{
    static const struct edo_future_type type = {.name = "server", .poll = server_poll};

    edo_future_init(&server->future, &type);
    edo_accept_init(&server->accept, &server->listener);
    return peer_listen_at(&server->listener, reactor, &port); /* SO_REUSEPORT, bind, listen */
}

static pthread_t thread; /* the other one, its executor, and the way into it */
static struct edo_executor other;
static struct edo_remote door;
static struct edo_notice stop;
static struct edo_notified told;

/* async fn other_main() { spawn(server()); stop.notified().await } */
static void *run_other(void *unused)
{
    static struct edo_task server, until_told;

    edo_task_init(&server, "server", &there.future);
    edo_executor_spawn(&other, &server);
    edo_task_init(&until_told, "until told", &told.future);
    edo_executor_block_on(&other, &until_told);
    return unused;
}

static void close_loops(void)
{
    edo_io_close(&here.listener);
    edo_io_close(&there.listener);
    edo_remote_close(&door);
    edo_executor_close(&other);
}

static int open_both(struct edo_executor *executor)
{
    int error = edo_executor_open(&other, NULL);

    error = error ? error : edo_remote_open(&door, &other.reactor);
    error = error ? error : open_server(&there, &other.reactor);
    error = error ? error : open_server(&here, &executor->reactor);
    edo_notice_init(&stop, &door);
    edo_notified_init(&told, &stop);
    error = error ? error : -pthread_create(&thread, NULL, run_other, NULL);
    if (error)
        close_loops();
    return error;
}

static void close_both(void)
{
    edo_notice_post(&stop);
    pthread_join(thread, NULL);
    if (clients.answers == clients.count) { /* whoever steps may leave early */
        say("clients", "have %u answers", clients.answers);
        say("this thread", "has served %u", here.served);
        say("other thread", "has served %u", there.served);
    }
    close_loops();
}

int main(int argc, char **argv)
{
    static struct lesson_task tasks[] = {{.name = "server", .future = &here.future},
                                         {.name = "clients", .future = &clients.future}};

    peer_clients_init(&clients, &port, here.share + there.share);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
