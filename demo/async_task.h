/* SPDX-License-Identifier: MIT */
/* async_task.h - phase 2: the future that each of the three spawned tasks runs.
 *
 *   EDO_START --first poll--> TASK_AWAITS_SLEEP --id * 100 ms--> EDO_DONE
 *                                     |
 *                                     +--half of that, if it is to fail--> EDO_FAILED
 *
 * Value: an unsigned, id * 10. Error: the one it was told to fail with, or its sleep's. */
#ifndef DEMO_ASYNC_TASK_H
#define DEMO_ASYNC_TASK_H

#include <stdint.h>

#include "edo.h"

struct async_task {
    struct edo_future future;
    unsigned id;            /* set by init */
    int told_error;         /* set by init: 0, or the -errno to fail with half-way */
    char name[24];          /* set by init */
    struct edo_sleep sleep; /* valid while awaited */
    unsigned value;         /* valid when done */
};

/* How long it sleeps. */
uint64_t async_task_duration(const struct async_task *task);

void async_task_init(struct async_task *task, unsigned id, int told_error);

#endif
