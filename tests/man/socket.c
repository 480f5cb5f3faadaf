/* SPDX-License-Identifier: MIT */
/* Connects to itself over TCP. It prints
 *
 *   connected and accepted */
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#include "edo.h"

static void meet(struct edo_executor *executor, struct edo_io *listener,
                 struct edo_io *client, const struct sockaddr *address)
{
    struct edo_accept accept;
    struct edo_connect connect;
    struct edo_task server, guest;

    edo_accept_init(&accept, listener);
    edo_connect_init(&connect, client, address,
                     sizeof(struct sockaddr_in));
    edo_task_init(&server, "server", &accept.operation.future);
    edo_task_init(&guest, "guest", &connect.operation.future);
    edo_executor_spawn(executor, &server);
    edo_executor_spawn(executor, &guest);
    edo_executor_run(executor);
    if (edo_future_error(guest.future) == 0 &&
        edo_future_error(server.future) == 0) {
        puts("connected and accepted");
        close(accept.fd);
    }
}

int main(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct edo_executor executor;
    struct edo_io listener, client;

    if (bind(fd, any, length) < 0 || listen(fd, 1) < 0 ||
        getsockname(fd, any, &length) < 0 ||
        edo_executor_open(&executor, NULL) < 0 ||
        edo_io_open(&listener, &executor.reactor, fd) < 0 ||
        edo_io_open(&client, &executor.reactor, other) < 0)
        return 1;
    meet(&executor, &listener, &client, any);
    edo_io_close(&client);
    edo_io_close(&listener);
    return edo_executor_close(&executor) < 0;
}
