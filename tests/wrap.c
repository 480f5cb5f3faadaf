/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef int settime_call(int fd, int flags, const struct itimerspec *new, struct itimerspec *old);

static bool is_on;
static unsigned counts[CALLS];
static unsigned failed;
static enum wrapped failing;
static unsigned first, end;
static int answer_with;
static struct itimerspec last_time;
static int last_flags;

void wrap_begin(enum wrapped call, unsigned nth, unsigned times, int answer)
{
    memset(counts, 0, sizeof counts);
    failed = 0;
    failing = call;
    first = nth;
    end = nth + times;
    answer_with = answer;
    is_on = true;
}

void wrap_begin_counting(void)
{
    wrap_begin(CALL_READ, 0, 0, 0);
}

void wrap_end(void)
{
    is_on = false;
}

unsigned wrap_count(enum wrapped call)
{
    return counts[call];
}

const struct itimerspec *wrap_last_time(int *flags)
{
    *flags = last_flags;
    return &last_time;
}

unsigned wrap_failed(void)
{
    return failed;
}

/* Counts the call, and says whether it is to fail. */
static bool fails(enum wrapped call)
{
    if (!is_on)
        return false;
    counts[call]++;
    if (call != failing || counts[call] < first || counts[call] >= end)
        return false;
    failed++;
    errno = answer_with;
    return true;
}

/* The names are the linker's (ld(1), --wrap). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int flags)
{
    return fails(CALL_EPOLL_CREATE) ? -1 : __real_epoll_create1(flags);
}

int __real_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event)
{
    bool is_failing = fails(op == EPOLL_CTL_DEL ? CALL_EPOLL_DEL : CALL_EPOLL_ADD);
    int error = errno;

    if (is_failing && op != EPOLL_CTL_DEL)
        return -1;
    if (!is_failing)
        return __real_epoll_ctl(epoll_fd, op, fd, event);
    __real_epoll_ctl(epoll_fd, op, fd, event);
    errno = error;
    return -1;
}

int __real_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout)
{
    if (fails(CALL_EPOLL_WAIT))
        return -1;
    return __real_epoll_wait(epoll_fd, events, count, timeout);
}

int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags)
{
    return fails(CALL_TIMERFD_CREATE) ? -1 : __real_timerfd_create(clock, flags);
}

static int settime(settime_call *real, int fd, int flags, const struct itimerspec *new,
                   struct itimerspec *old)
{
    if (fails(CALL_TIMERFD_SETTIME))
        return -1;
    last_time = *new;
    last_flags = flags;
    return real(fd, flags, new, old);
}

settime_call __real_timerfd_settime, __wrap_timerfd_settime;
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    return settime(__real_timerfd_settime, fd, flags, new, old);
}

/* What the same is called by who has a time_t of 64 bits on a machine of 32 (D46); others don't
 * have it, hence weak. */
settime_call __real___timerfd_settime64 __attribute__((weak)), __wrap___timerfd_settime64;
int __wrap___timerfd_settime64(int fd, int flags, const struct itimerspec *new,
                               struct itimerspec *old)
{
    return settime(__real___timerfd_settime64, fd, flags, new, old);
}

ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
    if (!fails(CALL_READ))
        return __real_read(fd, buffer, size);
    if (answer_with == SHORT_READ)
        return 4;
    return answer_with == EMPTY_READ ? 0 : -1;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool is_failing = fails(CALL_CLOSE);
    int error = errno;
    int result = __real_close(fd);

    errno = error;
    return is_failing ? -1 : result;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
