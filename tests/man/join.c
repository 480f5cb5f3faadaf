/* SPDX-License-Identifier: MIT */
/* A race of two sleeps: the first decides, the other is cancelled. It
 * prints
 *
 *   sleep 1 was first
 *   sleep 0 was cancelled */
#include <stdio.h>

#include "edo.h"

int main(void)
{
    struct edo_executor executor;
    struct edo_sleep sleeps[2];
    struct edo_branch branches[2];
    struct edo_join race;
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        edo_sleep_init(&sleeps[i], i == 0 ? EDO_S(3600) : EDO_MS(10));
        branches[i].child = &sleeps[i].future;
    }
    edo_race_init(&race, branches, 2, 0);
    edo_task_init(&task, "race", &race.future);
    edo_executor_block_on(&executor, &task);
    printf("sleep %d was first\n", (int)race.decided);
    if (edo_future_error(&sleeps[0].future) == -ECANCELED)
        puts("sleep 0 was cancelled");
    return edo_executor_close(&executor) < 0;
}
