/* SPDX-License-Identifier: MIT */
/* An owner sleeps for 10 ms, its two members longer; the group waits for
 * them. It prints
 *
 *   quick has ended
 *   slow has ended */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_executor executor;
    struct edo_sleep owner, sleeps[2];
    struct edo_group group;
    struct edo_member members[2];
    const struct edo_member *member;
    struct edo_task task;

    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    edo_sleep_init(&owner, EDO_MS(10));
    edo_group_init(&group, &owner.future);
    for (int i = 0; i < 2; i++) {
        edo_sleep_init(&sleeps[i], EDO_MS(i == 0 ? 300 : 200));
        edo_task_init(&members[i].task, i == 0 ? "slow" : "quick",
                      &sleeps[i].future);
        if (edo_group_spawn(&group, &executor, &members[i]) < 0)
            return 1;
    }
    edo_task_init(&task, "group", &group.future);
    edo_executor_block_on(&executor, &task);
    while ((member = edo_group_take(&group)) != NULL)
        printf("%s has ended\n", member->task.name);
    return edo_executor_close(&executor) < 0;
}
