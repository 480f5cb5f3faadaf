/* SPDX-License-Identifier: MIT */
/* A virtual clock, and sums that saturate. It prints
 *
 *   3000 us, then 5000 us
 *   never, not long ago */
#include <stdio.h>

#include "edo.h"

static int us(const struct edo_clock *clock)
{
    return (int)(edo_clock_now(clock) / EDO_NS_PER_US);
}

int main(void)
{
    struct edo_clock clock = {.is_virtual = true};

    edo_clock_advance(&clock, EDO_MS(3));
    printf("%d us, then ", us(&clock));
    edo_clock_advance(&clock,
                      edo_time_add(edo_clock_now(&clock), EDO_MS(2)));
    printf("%d us\n", us(&clock));
    if (edo_time_add(edo_clock_now(&clock), EDO_NEVER) == EDO_NEVER)
        puts("never, not long ago");
    return 0;
}
