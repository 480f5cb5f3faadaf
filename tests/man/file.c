/* SPDX-License-Identifier: MIT */
/* Reads a part of a file on a thread of a pool. It prints
 *
 *   5 bytes: world */
#include <stdio.h>

#include "edo.h"

static int read_world(struct edo_executor *executor, struct edo_pool *pool)
{
    FILE *file = tmpfile();
    struct edo_file_read read;
    struct edo_task task;

    if (file == NULL)
        return -1;
    if (fputs("hello world", file) < 0 || fflush(file) < 0) {
        fclose(file);
        return -1;
    }
    edo_file_read_init(&read, pool, fileno(file), 6);
    edo_task_init(&task, "reader", &read.offload.future);
    if (edo_executor_block_on(executor, &task) == 0)
        printf("%d bytes: %.*s\n", (int)read.part.length,
               (int)read.part.length, (char *)read.part.bytes);
    return fclose(file);
}

int main(void)
{
    static struct edo_file_part requests[1];
    pthread_t thread;
    struct edo_slot slot;
    struct edo_pool_options options = {.threads = &thread,
                                       .thread_count = 1,
                                       .slots = &slot,
                                       .slot_count = 1,
                                       .requests = requests,
                                       .request_size = sizeof *requests};
    struct edo_executor executor;
    struct edo_remote remote;
    struct edo_pool pool;
    int result;

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_remote_open(&remote, &executor.reactor) < 0 ||
        edo_pool_open(&pool, &remote, &options) < 0)
        return 1;
    result = read_world(&executor, &pool);
    edo_pool_close(&pool);
    edo_remote_close(&remote);
    return edo_executor_close(&executor) < 0 || result != 0;
}
