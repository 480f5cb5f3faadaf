/* SPDX-License-Identifier: MIT */
/* One direction of an fd is for one at a time. It prints
 *
 *   the second read is refused
 *   the first has read 1 byte */
#include <stdio.h>
#include <unistd.h>

#include "edo.h"

static void read_twice(struct edo_executor *executor, struct edo_io *io,
                       int peer)
{
    char bytes[2];
    struct edo_read reads[2];
    struct edo_task tasks[2];

    for (int i = 0; i < 2; i++) {
        edo_read_init(&reads[i], io, &bytes[i], 1);
        edo_task_init(&tasks[i], "reader", &reads[i].operation.future);
        edo_executor_spawn(executor, &tasks[i]);
    }
    edo_executor_turn(executor);
    if (edo_future_error(tasks[1].future) == -EBUSY)
        puts("the second read is refused");
    if (write(peer, "x", 1) == 1 && edo_executor_run(executor) == 0)
        printf("the first has read %d byte\n", (int)reads[0].done);
}

int main(void)
{
    struct edo_executor executor;
    struct edo_io io;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ||
        edo_executor_open(&executor, NULL) < 0 ||
        edo_io_open(&io, &executor.reactor, ends[0]) < 0)
        return 1;
    read_twice(&executor, &io, ends[1]);
    edo_io_close(&io);
    return edo_executor_close(&executor) < 0;
}
