/* SPDX-License-Identifier: MIT */
/* From one task to another, through a channel for one message. It prints
 *
 *   received 42
 *   closed */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_channel channel;
    struct edo_send send;
    struct edo_receive receive;
    struct edo_task sender, receiver;
    int room, sent = 42, received = 0;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_channel_init(&channel, &room, sizeof room, 1);
    edo_send_init(&send, &channel, &sent);
    edo_receive_init(&receive, &channel, &received);
    edo_task_init(&receiver, "receiver", &receive.future);
    edo_task_init(&sender, "sender", &send.future);
    edo_executor_spawn(&executor, &receiver);
    edo_executor_spawn(&executor, &sender);
    if (edo_executor_run(&executor) == 0)
        printf("received %d\n", received);
    edo_channel_close(&channel);
    if (edo_channel_try_receive(&channel, &received) == -EPIPE)
        puts("closed");
    return edo_executor_close(&executor) < 0;
}
