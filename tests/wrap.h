/* SPDX-License-Identifier: MIT */
/* wrap.h - the seam between the runtime and the kernel: counts system calls and makes them fail.
 *
 * The test program is linked with --wrap for each of these calls, so the runtime has no seam of its
 * own. Off until begun, so that a test's own calls are none of it. One test at a time. */
#ifndef TESTS_WRAP_H
#define TESTS_WRAP_H

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
    CALLS
};

/* What a failing call answers: an errno, or for read a short count. */
enum { SHORT_READ = -1, EMPTY_READ = -2 };

/* From now on calls are counted, and `times` calls fail from the `nth` (1 is the first) on.
 * A close that "fails" has closed the fd, as on Linux (close(2)); an EPOLL_CTL_DEL that fails does
 * so because the fd was not in the set any more, so it is not. */
void wrap_begin(enum wrapped call, unsigned nth, unsigned times, int answer);

/* Only counts. */
void wrap_begin_counting(void);

void wrap_end(void);

/* How often it was called since begin. */
unsigned wrap_count(enum wrapped call);

/* What timerfd_settime was given last, since begin. */
const struct itimerspec *wrap_last_time(int *flags);

/* How many calls were made to fail since begin. */
unsigned wrap_failed(void);

#endif
