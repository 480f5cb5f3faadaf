/* SPDX-License-Identifier: MIT */
/* A thousand sleeps on one timerfd. It prints
 *
 *   1000 have slept */
#include <stdio.h>

#include "edo.h"

enum { COUNT = 1000 };

int main(void)
{
    static struct edo_timer_wheel wheel;
    static struct edo_sleep sleeps[COUNT];
    static struct edo_task tasks[COUNT];
    struct edo_reactor_options options = {.timers = &edo_timer_wheel,
                                          .timer_state = &wheel};
    struct edo_executor executor;
    int slept = 0;

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    for (int i = 0; i < COUNT; i++) {
        edo_sleep_init(&sleeps[i], EDO_US(i));
        edo_task_init(&tasks[i], "sleeper", &sleeps[i].future);
        edo_executor_spawn(&executor, &tasks[i]);
    }
    edo_executor_run(&executor);
    for (int i = 0; i < COUNT; i++)
        slept += edo_future_error(&sleeps[i].future) == 0;
    printf("%d have slept\n", slept);
    return edo_executor_close(&executor) < 0;
}
