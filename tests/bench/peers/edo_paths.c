/* SPDX-License-Identifier: MIT */
/* edo_paths.c - paths of reactor/io whose instructions are counted: edo_paths VARIANT PATH N
 * OPERATIONS. N is not used. It prints nothing: `make bench` measures I/O between processes. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "edo.h"
#include "edo_variant.h"

enum { MESSAGE_SIZE = 64 };

static struct edo_executor executor;

static void check(int error)
{
    if (error)
        exit(EXIT_FAILURE);
}

static void spawn(struct edo_task *task, const char *name, struct edo_future *future)
{
    edo_task_init(task, name, future);
    check(edo_executor_spawn(&executor, task));
}

static void run_all(void)
{
    check(edo_executor_run(&executor));
}

/* --- stream: two tasks send 64 B to and fro, through a pair of sockets -------------------------
 */

/* async fn player(n) { for _ in 0..n { write_all(out).await; read_exactly(in).await } }, and the
 * other way round for the one who serves. */
struct player {
    struct edo_future future;
    struct edo_task task;
    struct edo_io io;
    struct edo_read read;
    struct edo_write write;
    unsigned char message[MESSAGE_SIZE];
    bool is_writing;
    size_t left; /* reads and writes */
};

static struct edo_future *next_move(struct player *player)
{
    if (player->is_writing) {
        edo_write_init(&player->write, &player->io, player->message, MESSAGE_SIZE);
        return &player->write.operation.future;
    }
    edo_read_exactly_init(&player->read, &player->io, player->message, MESSAGE_SIZE);
    return &player->read.operation.future;
}

static enum edo_poll player_poll(struct edo_future *self, struct edo_context *cx)
{
    struct player *player = edo_container_of(self, struct player, future);
    struct edo_future *move = self->awaiting;

    if (self->state == EDO_START) {
        move = next_move(player);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, move, cx) == EDO_READY) {
        check(edo_future_error(move));
        if (--player->left == 0)
            return edo_future_done(self, NULL);
        player->is_writing = !player->is_writing;
        move = next_move(player);
    }
    return EDO_PENDING;
}

static const struct edo_future_type player_type = {.name = "player", .poll = player_poll};

static void run_stream(size_t operations)
{
    static struct player players[2];
    int fds[2];

    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
    for (size_t i = 0; i < 2; i++) {
        edo_future_init(&players[i].future, &player_type);
        players[i].is_writing = i == 0;
        players[i].left = 2 * operations;
        check(edo_io_open(&players[i].io, &executor.reactor, fds[i]));
        spawn(&players[i].task, "player", &players[i].future);
    }
    run_all();
    for (size_t i = 0; i < 2; i++)
        edo_io_close(&players[i].io);
}

/* --- notice: a task posts a notice and awaits it ---------------------------------------------- */

/* async fn poster(n) { for _ in 0..n { notice.post(); notice.await } } */
struct poster {
    struct edo_future future;
    struct edo_task task;
    struct edo_notice notice;
    struct edo_notified notified;
    size_t left;
};

static void post(struct poster *poster)
{
    edo_notice_post(&poster->notice);
    edo_notified_init(&poster->notified, &poster->notice);
}

static enum edo_poll poster_poll(struct edo_future *self, struct edo_context *cx)
{
    struct poster *poster = edo_container_of(self, struct poster, future);

    if (self->state == EDO_START) {
        post(poster);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &poster->notified.future, cx) == EDO_READY) {
        check(edo_future_error(&poster->notified.future));
        if (--poster->left == 0)
            return edo_future_done(self, NULL);
        post(poster);
    }
    return EDO_PENDING;
}

static const struct edo_future_type poster_type = {.name = "poster", .poll = poster_poll};

static void run_notice(size_t operations)
{
    static struct edo_remote remote;
    static struct poster poster;

    check(edo_remote_open(&remote, &executor.reactor));
    edo_notice_init(&poster.notice, &remote);
    edo_future_init(&poster.future, &poster_type);
    poster.left = operations;
    spawn(&poster.task, "poster", &poster.future);
    run_all();
    edo_remote_close(&remote);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(size_t operations);
    } paths[] = {{"stream", run_stream}, {"notice", run_notice}};
    size_t operations = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
    struct edo_reactor_options options;

    for (size_t i = 0; operations > 0 && i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(argv[2], paths[i].name) != 0)
            continue;
        if (!edo_variant_find(argv[1], &options))
            return EXIT_FAILURE;
        check(edo_executor_open(&executor, &options));
        paths[i].run(operations);
        check(edo_executor_close(&executor));
        return EXIT_SUCCESS;
    }
    fputs("usage: edo_paths VARIANT stream|notice N OPERATIONS\n", stderr);
    return EXIT_FAILURE;
}
