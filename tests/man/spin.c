/* SPDX-License-Identifier: MIT */
/* A sleep that ends on time to some us: the last 200 us of it the thread
 * watches the clock. It prints
 *
 *   on time */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    static struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel,
                                          .timer_state = &wheel,
                                          .spin_ns = EDO_US(200)};
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_task task;

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    edo_sleep_init(&sleep, EDO_MS(10));
    edo_task_init(&task, "punctual", &sleep.future);
    if (edo_executor_block_on(&executor, &task) == 0)
        puts("on time");
    return edo_executor_close(&executor) < 0;
}
