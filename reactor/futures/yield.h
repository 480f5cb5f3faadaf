/* SPDX-License-Identifier: MIT */
/* yield.h - gives the others a turn.
 *
 *   EDO_START --first poll, wakes itself--> YIELD_AWAITS_TURN --next poll--> EDO_DONE
 *
 * For a long computation that is to share its thread: every task that is ready by then is polled
 * once before this one goes on. Timers and fds are looked at now and then meanwhile (executor.h).
 *
 * Result: no value; it can't fail. Memory: the caller's. */
#pragma once

#include "../task/future.h"

struct edo_yield {
    struct edo_future future;
};

void edo_yield_init(struct edo_yield *yield);
