/* SPDX-License-Identifier: MIT */
/* A waker that tells what has happened. It prints
 *
 *   a timer, due at 5 ms */
#include <stdio.h>

#include "edo.h"

static void tell(void *data, struct edo_cause cause)
{
    (void)data;
    if (cause.kind == EDO_CAUSE_TIMER)
        printf("a timer, due at %d ms\n",
               (int)(cause.due_ns / EDO_NS_PER_MS));
}

int main(void)
{
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_reactor reactor;
    struct edo_source timer;

    if (edo_reactor_open(&reactor, &options) < 0)
        return 1;
    edo_source_init(&timer);
    if (edo_reactor_arm_for(&reactor, &timer, EDO_MS(5),
                            (struct edo_waker){tell, NULL}) == 0)
        edo_reactor_react(&reactor, EDO_WAIT);
    return edo_reactor_close(&reactor) < 0;
}
