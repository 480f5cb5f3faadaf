/* SPDX-License-Identifier: MIT */
/* Two tasks wait; one is notified, then all. It prints
 *
 *   1 waits
 *   none waits */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_notify notify;
    struct edo_notify_wait waits[2];
    struct edo_task tasks[2];

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_notify_init(&notify);
    for (int i = 0; i < 2; i++) {
        edo_notify_wait_init(&waits[i], &notify);
        edo_task_init(&tasks[i], "waiter", &waits[i].future);
        edo_executor_spawn(&executor, &tasks[i]);
    }
    edo_executor_turn(&executor);
    edo_notify_one(&notify);
    edo_executor_turn(&executor);
    printf("%d waits\n",
           edo_task_is_live(&tasks[0]) + edo_task_is_live(&tasks[1]));
    edo_notify_all(&notify);
    if (edo_executor_run(&executor) == 0)
        puts("none waits");
    return edo_executor_close(&executor) < 0;
}
