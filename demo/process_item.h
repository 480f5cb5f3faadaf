/* SPDX-License-Identifier: MIT */
/* process_item.h - phase 3: what is done to one item, 50 ms at a time.
 *
 *   EDO_START --first poll--> ITEM_AWAITS_WORK --50 ms--> EDO_DONE
 *                                   |
 *                                   +--its sleep's error--> EDO_FAILED
 *
 * No value. Error: whatever its sleep failed with. */
#ifndef DEMO_PROCESS_ITEM_H
#define DEMO_PROCESS_ITEM_H

#include "edo.h"

#define ITEM_WORK EDO_MS(50)

struct process_item {
    struct edo_future future;
    char name[24];         /* set by init */
    struct edo_sleep work; /* valid while awaited */
};

void process_item_init(struct process_item *item, unsigned index);

#endif
