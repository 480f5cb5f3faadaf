/* SPDX-License-Identifier: MIT */
/* Sleeps for 10 ms. It prints
 *
 *   slept */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_sleep_init(&sleep, EDO_MS(10));
    edo_task_init(&task, "sleeper", &sleep.future);
    if (edo_executor_block_on(&executor, &task) == 0 &&
        edo_future_error(&sleep.future) == 0)
        puts("slept");
    edo_executor_close(&executor);
    return 0;
}
