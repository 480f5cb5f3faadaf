/* SPDX-License-Identifier: MIT */
/* shield.h - runs a future that must not be cut off: cancelling waits for it.
 *
 *   EDO_START --first poll--> SHIELD_AWAITS_CHILD --the child ended--> how the child ended;
 *                                                     EDO_CANCELLED if it was cancelled meanwhile
 *
 * For the short part that leaves things in disorder if it stops half-way: the commit, the farewell
 * to a peer, the clean-up that has to wait for something. Whoever cancels what is around it
 * releases all the rest at once, and the cancel is pending: this part goes on and is polled on, and
 * with its end the cancel is done. It delays races, timeouts and joiners for that long, so it
 * should be short, or have a timeout inside.
 *
 * A shield cancelled before its first poll never starts. Closing the executor cuts it off, since
 * afterwards nobody would poll it.
 *
 * Result: the child's, where the shield was not cancelled; the child's own outcome is there in any
 * case. Memory: the caller's, the shield's and the child's; neither may move until the end. */
#pragma once

#include "../task/future.h"

struct edo_shield {
    struct edo_future future;
    struct edo_future *child;            /* set by init */
    const struct edo_executor *executor; /* set by the first poll */
};

/* `child` is new or has ended; from now on only the shield polls and cancels it. */
void edo_shield_init(struct edo_shield *shield, struct edo_future *child);
