/* SPDX-License-Identifier: MIT */
/* A thread says to the runtime that its work is done. It prints
 *
 *   the answer is 42 */
#include <stdio.h>

#include "edo.h"

static int answer;

static void *work(void *notice)
{
    answer = 42;
    edo_notice_post(notice);
    return NULL;
}

int main(void)
{
    struct edo_executor executor;
    struct edo_remote remote;
    struct edo_notice notice;
    struct edo_notified notified;
    struct edo_task task;
    pthread_t thread;

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_remote_open(&remote, &executor.reactor) < 0)
        return 1;
    edo_notice_init(&notice, &remote);
    edo_notified_init(&notified, &notice);
    edo_task_init(&task, "main", &notified.future);
    if (pthread_create(&thread, NULL, work, &notice) != 0)
        return 1;
    if (edo_executor_block_on(&executor, &task) == 0)
        printf("the answer is %d\n", answer);
    pthread_join(thread, NULL);
    edo_remote_close(&remote);
    return edo_executor_close(&executor) < 0;
}
