/* SPDX-License-Identifier: MIT */
/* A sum that takes long is computed on another thread. It prints
 *
 *   1 + ... + 1000 = 500500 */
#include <stdio.h>

#include "edo.h"

struct sum {
    int up_to;
    int result;
};

static int add(void *request)
{
    struct sum *sum = request;

    for (int i = 1; i <= sum->up_to; i++)
        sum->result += i;
    return 0;
}

int main(void)
{
    static struct sum requests[2];
    pthread_t threads[2];
    struct edo_slot slots[2];
    struct edo_pool_options options = {.threads = threads,
                                       .thread_count = 2,
                                       .slots = slots,
                                       .slot_count = 2,
                                       .requests = requests,
                                       .request_size = sizeof *requests};
    struct edo_executor executor;
    struct edo_remote remote;
    struct edo_pool pool;
    struct edo_offload offload;
    struct edo_task task;
    struct sum sum = {.up_to = 1000};

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_remote_open(&remote, &executor.reactor) < 0 ||
        edo_pool_open(&pool, &remote, &options) < 0)
        return 1;
    edo_offload_init(&offload, &pool, add, &sum, sizeof sum);
    edo_task_init(&task, "adder", &offload.future);
    if (edo_executor_block_on(&executor, &task) == 0)
        printf("1 + ... + %d = %d\n", sum.up_to, sum.result);
    edo_pool_close(&pool);
    edo_remote_close(&remote);
    return edo_executor_close(&executor) < 0;
}
