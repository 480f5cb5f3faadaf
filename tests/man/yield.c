/* SPDX-License-Identifier: MIT */
/* A task yields, and so is polled twice. It prints
 *
 *   2 polls */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_yield yield;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_yield_init(&yield);
    edo_task_init(&task, "polite", &yield.future);
    edo_executor_block_on(&executor, &task);
    printf("%u polls\n", executor.polls);
    return edo_executor_close(&executor) < 0;
}
