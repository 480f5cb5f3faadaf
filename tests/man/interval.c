/* SPDX-License-Identifier: MIT */
/* Three ticks, one each 10 ms. It prints
 *
 *   0 ms
 *   10 ms
 *   20 ms */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_executor executor;
    struct edo_interval interval;

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    edo_interval_init(&interval, EDO_MS(10), EDO_MISSED_SKIP);
    for (int i = 0; i < 3; i++) {
        struct edo_task task;

        edo_task_init(&task, "tick", &interval.future);
        if (edo_executor_block_on(&executor, &task) < 0)
            return 1;
        printf("%d ms\n", (int)(interval.due_ns / EDO_NS_PER_MS));
        edo_interval_next(&interval);
    }
    return edo_executor_close(&executor) < 0;
}
