/* SPDX-License-Identifier: MIT */
/* Two tasks at a time; then one that nobody can ever wake. It prints
 *
 *   both have slept
 *   stuck:
 *     waiter           waiting  notify NOTIFY_AWAITS */
#include <stdio.h>

#include "edo.h"

static void sleep_twice(struct edo_executor *executor)
{
    struct edo_sleep sleeps[2];
    struct edo_task tasks[2];

    for (int i = 0; i < 2; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(10));
        edo_task_init(&tasks[i], "sleeper", &sleeps[i].future);
        edo_executor_spawn(executor, &tasks[i]);
    }
    if (edo_executor_run(executor) == 0)
        puts("both have slept");
}

int main(void)
{
    struct edo_executor executor;
    struct edo_notify never;
    struct edo_notify_wait wait;
    struct edo_task waiter;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    sleep_twice(&executor);
    edo_notify_init(&never);
    edo_notify_wait_init(&wait, &never);
    edo_task_init(&waiter, "waiter", &wait.future);
    if (edo_executor_block_on(&executor, &waiter) == -EDEADLK) {
        puts("stuck:");
        edo_executor_dump(&executor, stdout);
    }
    return edo_executor_close(&executor) < 0;
}
