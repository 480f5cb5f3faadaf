/* SPDX-License-Identifier: MIT */
/* Writes two lines into a socket and reads them at its other end. It
 * prints
 *
 *   hello
 *   world */
#include <stdio.h>

#include "edo.h"

static int run(struct edo_executor *executor, struct edo_operation *one)
{
    struct edo_task task;
    int error;

    edo_task_init(&task, "operation", &one->future);
    error = edo_executor_block_on(executor, &task);
    return error ? error : edo_future_error(&one->future);
}

static void talk(struct edo_executor *executor, struct edo_io *ends)
{
    unsigned char room[100];
    struct edo_write write;
    struct edo_reader reader;
    struct edo_read_until line;

    edo_write_init(&write, &ends[0], "hello\nworld\n", 12);
    run(executor, &write.operation);
    edo_io_shutdown(&ends[0]);
    edo_reader_init(&reader, &ends[1], room, sizeof room);
    edo_read_until_init(&line, &reader, '\n');
    while (run(executor, &line.operation) == 0) {
        printf("%.*s", (int)line.length, (char *)line.part);
        edo_read_until_init(&line, &reader, '\n');
    }
}

int main(void)
{
    struct edo_executor executor;
    struct edo_io ends[2];
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ||
        edo_executor_open(&executor, NULL) < 0 ||
        edo_io_open(&ends[0], &executor.reactor, fds[0]) < 0 ||
        edo_io_open(&ends[1], &executor.reactor, fds[1]) < 0)
        return 1;
    talk(&executor, ends);
    edo_io_close(&ends[0]);
    edo_io_close(&ends[1]);
    return edo_executor_close(&executor) < 0;
}
