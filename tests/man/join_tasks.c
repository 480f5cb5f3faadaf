/* SPDX-License-Identifier: MIT */
/* Three tasks sleep for 100, 200 and 300 ms, at the same time. It prints
 *
 *   3 joined after 300 ms */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_executor executor;
    struct edo_sleep sleeps[3];
    struct edo_task tasks[3], joiner;
    struct edo_join_tasks join;

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    for (int i = 0; i < 3; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(100 * (i + 1)));
        edo_task_init(&tasks[i], "sleeper", &sleeps[i].future);
        edo_executor_spawn(&executor, &tasks[i]);
    }
    edo_join_tasks_init(&join, tasks, 3);
    edo_task_init(&joiner, "joiner", &join.future);
    if (edo_executor_block_on(&executor, &joiner) == 0)
        printf(
            "%d joined after %d ms\n", (int)join.count,
            (int)(edo_clock_now(&executor.reactor.clock) / EDO_NS_PER_MS));
    return edo_executor_close(&executor) < 0;
}
