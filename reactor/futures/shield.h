/* SPDX-License-Identifier: MIT */
/* shield.h - runs a future that must not be cut off: cancelling waits for it.
 *
 *   EDO_START --first poll--> SHIELD_AWAITS_CHILD --it ended--> as that did;
 *                                     EDO_CANCELLED if the shield was cancelled
 *
 * For the short part that leaves things in disorder if it stops half-way: the commit, the farewell
 * to a peer, the clean-up that has to wait for something. When a future around the shield is
 * cancelled, everything else in it is released at once, and the cancel is pending: the child is
 * polled on, and when it has ended, the cancel is done. Until then races, timeouts and joiners
 * wait, so the child should be short, or have a timeout inside.
 *
 * A shield that is cancelled before its first poll never starts. Closing the executor cancels the
 * child as well, since afterwards nobody would poll it.
 *
 * Result: that of the child, or cancelled; the child keeps its own outcome in any case. Memory: the
 * caller's, the shield's and the child's; neither may move until the end. */
#pragma once

#include "../task/future.h"

struct edo_shield {
    struct edo_future future;            /* to be awaited */
    struct edo_future *child;            /* set by init */
    const struct edo_executor *executor; /* set by the first poll */
};

/* `child` is new or has ended; from now on only the shield polls and cancels it. */
void edo_shield_init(struct edo_shield *shield, struct edo_future *child);
