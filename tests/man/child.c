/* SPDX-License-Identifier: MIT */
/* Runs a program and awaits its end. It prints
 *
 *   exit status 3 */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    static char sh[] = "sh", option[] = "-c", command[] = "exit 3";
    char *const argv[] = {sh, option, command, NULL};
    struct edo_child_options options = {.path = sh, .argv = argv};
    struct edo_executor executor;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0 ||
        edo_child_spawn(&child, &executor.reactor, &options) < 0)
        return 1;
    edo_child_wait_init(&wait, &child);
    edo_task_init(&task, "parent", &wait.operation.future);
    if (edo_executor_block_on(&executor, &task) == 0)
        printf("exit status %d\n", child.status);
    edo_child_close(&child);
    return edo_executor_close(&executor) < 0;
}
