/* SPDX-License-Identifier: MIT */
/* bare_across.c - an epoll with an eventfd in it, for each thread. */
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "across.h"

static int epolls[2], events[2];

static void bare_open(unsigned loop)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    epolls[loop] = epoll_create1(EPOLL_CLOEXEC);
    events[loop] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (epolls[loop] < 0 || events[loop] < 0 ||
        epoll_ctl(epolls[loop], EPOLL_CTL_ADD, events[loop], &event) != 0)
        across_fail("epoll");
}

static void bare_post(unsigned loop)
{
    static const uint64_t one = 1;

    if (write(events[loop], &one, sizeof one) < 0)
        across_fail("write");
}

static void bare_run(unsigned loop)
{
    struct epoll_event event;

    do {
        while (epoll_wait(epolls[loop], &event, 1, -1) != 1)
            ; /* a signal */
    } while (across_woken(loop));
}

const struct across_peer across_peer = {.open = bare_open, .post = bare_post, .run = bare_run};
