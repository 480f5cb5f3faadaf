/* SPDX-License-Identifier: MIT */
/* An idle timeout: each message gives it another deadline. It prints
 *
 *   idle at 25 ms */
#include <stdio.h>

#include "edo.h"

static void idle(void *reactor, struct edo_cause cause)
{
    (void)reactor;
    printf("idle at %d ms\n", (int)(cause.due_ns / EDO_NS_PER_MS));
}

int main(void)
{
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_reactor reactor;
    struct edo_source timer;

    if (edo_reactor_open(&reactor, &options) < 0)
        return 1;
    edo_source_init(&timer);
    if (edo_reactor_arm_until(&reactor, &timer, EDO_MS(10),
                              (struct edo_waker){idle, &reactor}) < 0)
        return 1;
    for (uint64_t ms = 5; ms <= 15; ms += 5) /* messages at 5, 10, 15 ms */
        edo_source_rearm_until(&timer, EDO_MS(ms + 10));
    edo_reactor_react(&reactor, EDO_WAIT);
    return edo_reactor_close(&reactor) < 0;
}
