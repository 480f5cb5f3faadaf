/* SPDX-License-Identifier: MIT */
/* Looks up an address that is a number already. It prints
 *
 *   1 address, port 80 */
#include <netinet/in.h>
#include <stdio.h>

#include "edo.h"

static void look_up(struct edo_executor *executor, struct edo_pool *pool)
{
    struct edo_lookup lookup;
    struct edo_task task;
    struct sockaddr_in address;

    edo_lookup_init(&lookup, pool, "127.0.0.1", "80");
    edo_task_init(&task, "lookup", &lookup.offload.future);
    edo_executor_block_on(executor, &task);
    if (edo_future_error(&lookup.offload.future) < 0)
        return;
    memcpy(&address, &lookup.request.addresses[0].address, sizeof address);
    printf("%d address, port %d\n", (int)lookup.request.count,
           ntohs(address.sin_port));
}

int main(void)
{
    static struct edo_lookup_request requests[1];
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

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_remote_open(&remote, &executor.reactor) < 0 ||
        edo_pool_open(&pool, &remote, &options) < 0)
        return 1;
    look_up(&executor, &pool);
    edo_pool_close(&pool);
    edo_remote_close(&remote);
    return edo_executor_close(&executor) < 0;
}
