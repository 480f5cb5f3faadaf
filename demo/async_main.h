/* SPDX-License-Identifier: MIT */
/* async_main.h - the program: three phases, one after the other.
 *
 *   EDO_START --> MAIN_AWAITS_FETCH --> MAIN_AWAITS_TASKS --> MAIN_AWAITS_ITEM --> EDO_DONE
 *                                                              ^           |
 *                                                              +-- 3 times-+
 *
 * No value. An error inside a phase is reported and does not end the others; only if a task can't
 * be spawned it is EDO_FAILED, with that error. */
#ifndef DEMO_ASYNC_MAIN_H
#define DEMO_ASYNC_MAIN_H

#include "async_task.h"
#include "edo.h"
#include "fetch_data.h"
#include "options.h"
#include "process_item.h"
#include "summary.h"

enum { TASKS = 3, ITEMS = 3 };

struct async_main {
    struct edo_future future;
    const struct options *options; /* set by init */
    struct summary summary;        /* filled as the phases end */
    unsigned failures;             /* errors that nobody asked for */

    struct fetch_data fetch; /* valid in phase 1 */

    struct async_task children[TASKS]; /* valid in phase 2 */
    struct edo_task tasks[TASKS];
    struct edo_join_tasks join;

    struct process_item items[ITEMS]; /* valid in phase 3, up to the one being processed */
    unsigned index;
};

void async_main_init(struct async_main *main, const struct options *options);

#endif
