/* SPDX-License-Identifier: MIT */
/* A task is cancelled in the middle of a part that must not be cut off.
 * It prints
 *
 *   the cancel is pending
 *   the part is done, the task cancelled */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_sleep part;
    struct edo_shield shield;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_sleep_init(&part, EDO_MS(10));
    edo_shield_init(&shield, &part.future);
    edo_task_init(&task, "committer", &shield.future);
    edo_executor_spawn(&executor, &task);
    edo_executor_turn(&executor);
    if (edo_task_cancel(&task) == EDO_PENDING)
        puts("the cancel is pending");
    edo_executor_run(&executor);
    if (edo_future_error(&part.future) == 0 &&
        edo_future_error(task.future) == -ECANCELED)
        puts("the part is done, the task cancelled");
    return edo_executor_close(&executor) < 0;
}
