/* SPDX-License-Identifier: MIT */
/* timeout.h - gives a future a limited time to end in.
 *
 *   EDO_START --> TIMEOUT_AWAITS_CHILD --the child ended--> how the child ended
 *                    |
 *                    | the time is up
 *                    +--> TIMEOUT_AWAITS_CANCEL --> EDO_FAILED, -ETIMEDOUT
 *                         (only while the child's cancel is pending)
 *
 * The child is polled first, so if both are ready in the same poll, the child wins. The deadline is
 * looked at in every poll, so a child that wakes itself all the time does not escape it. When the
 * time is up the child is cancelled; the timeout is ready when the child has released all it held.
 * Before its first poll a timeout that is cancelled leaves the child alone.
 *
 * A duration counts from the first poll. So a timeout that is initialised in each round of a loop
 * starts anew in each round, and never expires if the rounds are short. To limit the whole loop,
 * use edo_timeout_until_init with the same deadline in each round.
 *
 * The child may fail with -ETIMEDOUT itself; edo_timeout_has_expired tells. Result: the child's
 * value, error or cancellation. -ETIMEDOUT: the time was up; else as edo_sleep, if the kernel
 * refused the timer. Memory: the caller's, the timeout's and the child's; neither may
 * move until the end. */
#pragma once

#include "sleep.h"

struct edo_timeout {
    struct edo_future future;  /* to be awaited */
    struct edo_future *child;  /* set by init */
    struct edo_sleep deadline; /* when the time is up */
};

/* At most `duration_ns`, from the first poll on. `child` is new or has ended; from now on only the
 * timeout polls and cancels it. */
void edo_timeout_init(struct edo_timeout *timeout, struct edo_future *child, uint64_t duration_ns);

/* At most until `deadline_ns` on the runtime's clock. */
static inline void edo_timeout_until_init(struct edo_timeout *timeout, struct edo_future *child,
                                          uint64_t deadline_ns)
{
    edo_timeout_init(timeout, child, 0);
    edo_sleep_until_init(&timeout->deadline, deadline_ns);
}

/* At the end. Returns whether the deadline ended it, or the error of the timer; not the child. */
static inline bool edo_timeout_has_expired(const struct edo_timeout *timeout)
{
    return timeout->deadline.future.state == EDO_DONE ||
           timeout->deadline.future.state == EDO_FAILED;
}
