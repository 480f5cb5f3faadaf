/* SPDX-License-Identifier: MIT */
/* One permit: a second task waits until it is given back. It prints
 *
 *   taken
 *   the second waits
 *   the second has it */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_semaphore semaphore;
    struct edo_acquire acquire;
    struct edo_task second;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_semaphore_init(&semaphore, 1);
    if (edo_semaphore_try_acquire(&semaphore))
        puts("taken");
    edo_acquire_init(&acquire, &semaphore);
    edo_task_init(&second, "second", &acquire.future);
    edo_executor_spawn(&executor, &second);
    edo_executor_turn(&executor);
    if (edo_task_is_live(&second))
        puts("the second waits");
    edo_semaphore_release(&semaphore);
    if (edo_executor_run(&executor) == 0)
        puts("the second has it");
    return edo_executor_close(&executor) < 0;
}
