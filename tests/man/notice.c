/* SPDX-License-Identifier: MIT */
/* A signal handler posts a notice, and a task awaits it. It prints
 *
 *   the signal has come */
#include <stdio.h>
#include <unistd.h>

#include "edo.h"

static struct edo_notice notice;

static void on_signal(int number)
{
    (void)number;
    edo_notice_post(&notice);
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct edo_executor executor;
    struct edo_remote remote;
    struct edo_notified notified;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_remote_open(&remote, &executor.reactor) < 0)
        return 1;
    edo_notice_init(&notice, &remote);
    edo_notified_init(&notified, &notice);
    edo_task_init(&task, "waiter", &notified.future);
    edo_executor_spawn(&executor, &task);
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    if (edo_executor_run(&executor) == 0)
        puts("the signal has come");
    edo_remote_close(&remote);
    return edo_executor_close(&executor) < 0;
}
