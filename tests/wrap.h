/* SPDX-License-Identifier: MIT */
/* wrap.h - the seam between the runtime and the kernel: counts system calls and makes them fail.
 *
 * The test program is linked with --wrap for each of these calls, so the runtime has no seam of its
 * own. Off until begun, so that a test's own calls are none of it. One test at a time.
 *
 * Under a schedule (schedule.h) the faults and the order in which fds are reported are its. */
#ifndef TESTS_WRAP_H
#define TESTS_WRAP_H

#include <stdint.h>

struct itimerspec;

enum wrapped {
    CALL_EPOLL_CREATE,
    CALL_EPOLL_ADD,
    CALL_EPOLL_DEL,
    CALL_EPOLL_WAIT,
    CALL_TIMERFD_CREATE,
    CALL_TIMERFD_SETTIME,
    CALL_READ,
    CALL_CLOSE,
    CALL_FCNTL,
    CALL_SENDMSG,
    CALL_WRITEV,
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_GETSOCKOPT, /* how a connect has ended */
    CALL_PROTOCOL,   /* getsockopt, too: what a socket speaks */
    CALL_RECV,       /* of what is no socket: else it is a read */
    CALL_RECVFROM,
    CALL_SENDTO,
    CALL_SHUTDOWN,
    CALL_EVENTFD,
    CALL_SIGNALFD,
    CALL_PIPE,
    CALL_PIDFD_OPEN,
    CALL_PIDFD_SIGNAL,
    CALL_SPAWN,
    CALL_SPAWN_DUP2,
    CALL_WAITID,
    CALL_PTHREAD_CREATE,
    CALL_PREAD,
    CALL_GETADDRINFO,
    CALLS
};

/* What a failing call answers: an errno, or for read a short count. For getaddrinfo an errno is
 * EAI_SYSTEM, a negative number its code; and it may have too much to say. waitid may say that the
 * child has not ended, as it does for a moment after a kill. */
enum { SHORT_READ = -1, EMPTY_READ = -2, STILL_LIVES = -3, TWENTY_ADDRESSES = -1000 };

/* From now on calls are counted, and `times` calls fail from the `nth` (1 is the first) on.
 * A close that "fails" has closed the fd, as on Linux (close(2)); an EPOLL_CTL_DEL that fails does
 * so because the fd was not in the set any more, so it is not; a connect that fails with EINTR goes
 * on (connect(2)); after an EAGAIN an edge-triggered fd is reported again. */
void wrap_begin(enum wrapped call, unsigned nth, unsigned times, int answer);

/* Only counts. */
void wrap_begin_counting(void);

/* From now on reads and writes move what they move in a random way of that seed: less than they
 * were asked for, or nothing, with EINTR or EAGAIN. */
void wrap_begin_moving_randomly(uint64_t seed);

void wrap_end(void);

/* How often it was called since begin. */
unsigned wrap_count(enum wrapped call);

/* What timerfd_settime was given last, since begin. */
const struct itimerspec *wrap_last_time(int *flags);

/* How many calls were made to fail since begin. */
unsigned wrap_failed(void);

#endif
