/* SPDX-License-Identifier: MIT */
/* fetch_data.h - phase 1: one future that waits for one sleep.
 *
 *   EDO_START --first poll--> FETCH_AWAITS_LATENCY --100 ms--> EDO_DONE
 *                                     |
 *                                     +--its sleep's error--> EDO_FAILED
 *
 * Value: the string "Data_<id>". Error: whatever its sleep failed with. */
#ifndef DEMO_FETCH_DATA_H
#define DEMO_FETCH_DATA_H

#include "edo.h"

#define FETCH_LATENCY EDO_MS(100)

struct fetch_data {
    struct edo_future future;
    unsigned id;              /* set by init */
    char name[24];            /* set by init */
    struct edo_sleep latency; /* valid while awaited */
    char data[24];            /* valid when done: the value */
};

void fetch_data_init(struct fetch_data *fetch, unsigned id);

#endif
