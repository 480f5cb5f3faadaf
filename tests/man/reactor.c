/* SPDX-License-Identifier: MIT */
/* The reactor by itself: a deadline and a pipe, without a task. It prints
 *
 *   the pipe is readable
 *   the time is up */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "edo.h"

static void say(void *text, struct edo_cause cause)
{
    (void)cause;
    puts(text);
}

int main(void)
{
    static char readable[] = "the pipe is readable",
                up[] = "the time is up";
    struct edo_reactor reactor;
    struct edo_source timer, watch;
    int woken = 0, ends[2];

    if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1 ||
        edo_reactor_open(&reactor, NULL) < 0)
        return 1;
    edo_source_init(&timer);
    edo_source_init(&watch);
    if (edo_reactor_arm_for(&reactor, &timer, EDO_MS(20),
                            (struct edo_waker){say, up}) < 0 ||
        edo_reactor_watch(&reactor, &watch, ends[0], EPOLLIN,
                          (struct edo_waker){say, readable}) < 0)
        return 1;
    while (edo_source_is_pending(&timer) && woken >= 0)
        woken = edo_reactor_react(&reactor, EDO_WAIT);
    return edo_reactor_close(&reactor) < 0;
}
