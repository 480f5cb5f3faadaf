/* SPDX-License-Identifier: MIT */
/* Waits for a pipe that belongs to somebody else. It prints
 *
 *   readable: x */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_watch watch;
    struct edo_task task;
    int ends[2];
    char byte;

    if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1 ||
        edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_task_init(&task, "watcher", &watch.future);
    edo_executor_block_on(&executor, &task);
    if (watch.ready & EPOLLIN && read(ends[0], &byte, 1) == 1)
        printf("readable: %c\n", byte);
    return edo_executor_close(&executor) < 0;
}
