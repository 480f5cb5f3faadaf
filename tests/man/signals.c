/* SPDX-License-Identifier: MIT */
/* Awaits a signal, without a handler. It prints
 *
 *   SIGUSR1 */
#include <stdio.h>
#include <unistd.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_signals signals;
    struct edo_signal_wait wait;
    struct edo_task task;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_signals_open(&signals, &executor.reactor, &set) < 0)
        return 1;
    edo_signal_wait_init(&wait, &signals);
    edo_task_init(&task, "waiter", &wait.operation.future);
    kill(getpid(), SIGUSR1);
    if (edo_executor_block_on(&executor, &task) == 0 &&
        wait.info.ssi_signo == SIGUSR1)
        puts("SIGUSR1");
    edo_signals_close(&signals);
    return edo_executor_close(&executor) < 0;
}
