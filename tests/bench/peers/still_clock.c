/* SPDX-License-Identifier: MIT */
/* still_clock.c - time that passes while the thread waits in epoll_wait, and at no other time.
 *
 * Linked into what is counted (make bench-instructions). The runtime there is the one that is
 * shipped, on its real clock. But how long something took can't change which way it goes, so that
 * two runs are the same, instruction by instruction. The runtime's virtual clock is as exact, but
 * goes another way: the fd driver looks at every bucket before each jump.
 *
 * For the kernel this time is long past: a timerfd that is set to a deadline rings at once. One
 * that is set to a duration takes that long. */
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

#define NS_PER_S 1000000000

/* A sleep of edo_tasks.c, which is then 10 us late. */
#define WAIT_NS 110000

static uint64_t now_ns = NS_PER_S;

/* The names are the linker's (ld(1), --wrap). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

int __wrap_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
    (void)id;
    time->tv_sec = (time_t)(now_ns / NS_PER_S);
    time->tv_nsec = (long)(now_ns % NS_PER_S);
    return 0;
}

int __real_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout)
{
    if (timeout != 0)
        now_ns += WAIT_NS;
    return __real_epoll_wait(epoll_fd, events, count, timeout);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
