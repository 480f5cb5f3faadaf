/* SPDX-License-Identifier: MIT */
/* An hour's sleep may take 10 ms at most. It prints
 *
 *   the time is up */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_sleep_init(&sleep, EDO_S(3600));
    edo_timeout_init(&timeout, &sleep.future, EDO_MS(10));
    edo_task_init(&task, "sleeper", &timeout.future);
    edo_executor_block_on(&executor, &task);
    if (edo_future_error(&timeout.future) == -ETIMEDOUT &&
        edo_timeout_has_expired(&timeout))
        puts("the time is up");
    return edo_executor_close(&executor) < 0;
}
