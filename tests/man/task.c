/* SPDX-License-Identifier: MIT */
/* A task is cancelled while it sleeps. It prints
 *
 *   the task has ended, cancelled */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_sleep_init(&sleep, EDO_S(3600));
    edo_task_init(&task, "sleeper", &sleep.future);
    edo_executor_spawn(&executor, &task);
    edo_executor_turn(&executor);
    if (edo_task_cancel(&task) == EDO_READY && !edo_task_is_live(&task))
        printf("the task has ended, ");
    if (edo_future_error(task.future) == -ECANCELED)
        puts("cancelled");
    return edo_executor_close(&executor) < 0;
}
