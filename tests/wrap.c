/* SPDX-License-Identifier: MIT */
#include "wrap.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schedule.h"

typedef int settime_call(int fd, int flags, const struct itimerspec *new, struct itimerspec *old);

static bool is_on;
static unsigned counts[CALLS];
static unsigned failed;
static enum wrapped failing;
static unsigned first, end;
static int answer_with;
static struct itimerspec last_time;
static int last_flags;
static bool is_random;
static uint64_t random_state;

/* What is in an epoll set, by fd. */
enum { FDS = 1024 };

static struct {
    int epoll_fd;
    struct epoll_event event;
} registered[FDS];

void wrap_begin(enum wrapped call, unsigned nth, unsigned times, int answer)
{
    memset(counts, 0, sizeof counts);
    failed = 0;
    failing = call;
    first = nth;
    end = nth + times;
    answer_with = answer;
    is_random = false;
    is_on = true;
}

void wrap_begin_moving_randomly(uint64_t seed)
{
    wrap_begin(CALL_READ, 0, 0, 0);
    is_random = true;
    random_state = seed;
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

/* What a call may be refused with under a schedule that has errors; 0: it is not. */
static int refusal_of(enum wrapped call)
{
    switch (call) {
    case CALL_EPOLL_ADD:
    case CALL_TIMERFD_SETTIME:
        return ENOMEM;
    case CALL_TIMERFD_CREATE:
    case CALL_ACCEPT:
    case CALL_EVENTFD:
        return EMFILE;
    default:
        return 0;
    }
}

static bool is_refused(enum wrapped call)
{
    int error = schedule_has(SCHEDULE_ERRORS) ? refusal_of(call) : 0;

    if (error == 0 || !schedule_rarely("error", 16))
        return false;
    failed++;
    errno = error;
    return true;
}

/* Counts the call, and says whether it is to fail. */
static bool fails(enum wrapped call)
{
    if (is_refused(call))
        return true;
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
    if (fd >= 0 && fd < FDS) {
        registered[fd].epoll_fd = epoll_fd;
        registered[fd].event = event != NULL ? *event : (struct epoll_event){.events = 0};
    }
    if (!is_failing)
        return __real_epoll_ctl(epoll_fd, op, fd, event);
    __real_epoll_ctl(epoll_fd, op, fd, event);
    errno = error;
    return -1;
}

/* An EAGAIN that was made up: the kernel has to tell of the fd again, as it would after a true one
 * (EPOLL_CTL_MOD looks at it anew). */
static void report_again(int fd)
{
    struct epoll_event event;
    int error = errno;

    if (fd < 0 || fd >= FDS || !(registered[fd].event.events & EPOLLET))
        return;
    event = registered[fd].event;
    __real_epoll_ctl(registered[fd].epoll_fd, EPOLL_CTL_MOD, fd, &event);
    errno = error;
}

/* An edge that was held back. What is level-triggered comes again by itself. */
static void report_later(uint64_t data)
{
    for (int fd = 0; fd < FDS; fd++)
        if (registered[fd].event.data.u64 == data)
            report_again(fd);
}

static bool fails_on(enum wrapped call, int fd)
{
    bool is_failing = fails(call);

    if (is_failing && errno == EAGAIN)
        report_again(fd);
    return is_failing;
}

static bool is_socket(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

int __real_shutdown(int fd, int how);

/* Whether bytes are moved through it by the runtime, and not read whole, as a timerfd is. */
static bool is_stream(int fd)
{
    return fd >= 0 && fd < FDS && (registered[fd].event.events & EPOLLET) != 0;
}

/* The peer sees the end; here it is told once, and is the end afterwards. */
static bool is_reset(int fd)
{
    if (!schedule_has(SCHEDULE_RESET) || !is_stream(fd) || !is_socket(fd) ||
        !schedule_rarely("reset", 256))
        return false;
    __real_shutdown(fd, SHUT_RDWR);
    failed++;
    errno = ECONNRESET;
    return true;
}

/* How many of `size` bytes to move under the schedule, -1 with errno for none. */
static ssize_t scheduled_size(int fd, size_t size)
{
    unsigned count = size < 4096 ? (unsigned)size : 4096;

    if (is_reset(fd))
        return -1;
    if (!schedule_has(SCHEDULE_SHORT))
        return (ssize_t)size;
    if (schedule_rarely("EINTR", 8)) {
        errno = EINTR;
        return -1;
    }
    if (schedule_rarely("EAGAIN", 8)) {
        errno = EAGAIN;
        report_again(fd);
        return -1;
    }
    return size > 0 && schedule_rarely("short", 4) ? (ssize_t)(1 + schedule_choose("bytes", count))
                                                   : (ssize_t)size;
}

static bool moves_randomly(void)
{
    return schedule_has(SCHEDULE_SHORT | SCHEDULE_RESET) || (is_on && is_random);
}

/* How many of `size` bytes to move, -1 with errno for none. */
static ssize_t size_to_move(int fd, size_t size)
{
    uint64_t number;

    if (schedule_is_on() && is_stream(fd))
        return scheduled_size(fd, size);
    if (!is_on || !is_random || !is_stream(fd))
        return (ssize_t)size;
    number = draw(&random_state);
    if (number % 4 == 0) {
        errno = number & 4 ? EAGAIN : EINTR;
        if (errno == EAGAIN)
            report_again(fd);
        return -1;
    }
    return number % 4 == 1 && size > 0 ? (ssize_t)(1 + (number >> 8) % size) : (ssize_t)size;
}

/* In any order; and some not yet, of which the kernel will have to tell again. A wait that has no
 * timeout ends with one at least. */
static int reorder(struct epoll_event *events, int count, int timeout)
{
    int ready = count;

    for (int i = 0; i < ready; i++) {
        int other = i + (int)schedule_choose("event", (unsigned)(ready - i));
        struct epoll_event event = events[other];

        events[other] = events[i];
        events[i] = event;
        if (!schedule_has(SCHEDULE_LATE) || (timeout < 0 && ready == 1) ||
            !schedule_rarely("late", 8))
            continue;
        report_later(event.data.u64);
        events[i--] = events[--ready];
    }
    return ready;
}

int __real_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout);
int __wrap_epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout)
{
    int ready;

    if (fails(CALL_EPOLL_WAIT))
        return -1;
    if (schedule_has(SCHEDULE_LATE) && schedule_rarely("epoll_wait EINTR", 16)) {
        errno = EINTR;
        return -1;
    }
    ready = __real_epoll_wait(epoll_fd, events, count, timeout);
    return ready > 0 && schedule_is_on() ? reorder(events, ready, timeout) : ready;
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
ssize_t __real_recv(int fd, void *buffer, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buffer, size_t size, int flags);

static ssize_t read_or_receive(int fd, void *buffer, size_t size, bool is_read)
{
    ssize_t to_move = size_to_move(fd, size);

    if (to_move < 0)
        return -1;
    if (!fails_on(CALL_READ, fd))
        return is_read ? __real_read(fd, buffer, (size_t)to_move)
                       : __real_recv(fd, buffer, (size_t)to_move, MSG_DONTWAIT);
    if (answer_with == SHORT_READ)
        return 4;
    return answer_with == EMPTY_READ ? 0 : -1;
}

ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
    return read_or_receive(fd, buffer, size, true);
}

/* What a release calls where it knows how much room there is. */
ssize_t __wrap___read_chk(int fd, void *buffer, size_t size, size_t room);
ssize_t __wrap___read_chk(int fd, void *buffer, size_t size, size_t room)
{
    if (size > room)
        abort();
    return __wrap_read(fd, buffer, size);
}

/* A read of a socket. What is none is told so, and then read; and with other flags it is no read.
 */
ssize_t __wrap_recv(int fd, void *buffer, size_t size, int flags)
{
    if (flags == MSG_DONTWAIT && is_socket(fd))
        return read_or_receive(fd, buffer, size, false);
    return fails_on(CALL_RECV, fd) ? -1 : __real_recv(fd, buffer, size, flags);
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

/* fcntl, sendmsg and getsockopt have a second name each, as timerfd_settime has. */
static int fcntl_on(int (*real)(int fd, int command, ...), int fd, int command, va_list more)
{
    int argument = va_arg(more, int); /* of F_GETFL: nothing that is looked at */

    return fails(CALL_FCNTL) ? -1 : real(fd, command, argument);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    va_list more;
    int result;

    va_start(more, command);
    result = fcntl_on(__real_fcntl, fd, command, more);
    va_end(more);
    return result;
}

int __real___fcntl_time64(int fd, int command, ...) __attribute__((weak));
int __wrap___fcntl_time64(int fd, int command, ...);
int __wrap___fcntl_time64(int fd, int command, ...)
{
    va_list more;
    int result;

    va_start(more, command);
    result = fcntl_on(__real___fcntl_time64, fd, command, more);
    va_end(more);
    return result;
}

/* The first `size` bytes of the parts. */
static size_t cut_parts(struct iovec *cut, const struct iovec *parts, size_t count, size_t size)
{
    size_t used = 0;

    for (; used < count && size > 0; used++) {
        cut[used] = parts[used];
        if (cut[used].iov_len > size)
            cut[used].iov_len = size;
        size -= cut[used].iov_len;
    }
    return used;
}

static size_t size_of_parts(const struct iovec *parts, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

enum { MOST_PARTS = 16 };

typedef ssize_t sendmsg_call(int fd, const struct msghdr *message, int flags);

static ssize_t sendmsg_on(sendmsg_call *real, int fd, const struct msghdr *message, int flags)
{
    struct iovec cut[MOST_PARTS];
    struct msghdr shorter = *message;
    ssize_t to_move;

    if (fails_on(CALL_SENDMSG, fd))
        return -1;
    if (!moves_randomly())
        return real(fd, message, flags);
    to_move = size_to_move(fd, size_of_parts(message->msg_iov, message->msg_iovlen));
    if (to_move < 0)
        return -1;
    shorter.msg_iov = cut;
    shorter.msg_iovlen = cut_parts(cut, message->msg_iov, message->msg_iovlen, (size_t)to_move);
    return real(fd, &shorter, flags);
}

sendmsg_call __real_sendmsg, __wrap_sendmsg;
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
    return sendmsg_on(__real_sendmsg, fd, message, flags);
}

sendmsg_call __real___sendmsg64 __attribute__((weak)), __wrap___sendmsg64;
ssize_t __wrap___sendmsg64(int fd, const struct msghdr *message, int flags)
{
    return sendmsg_on(__real___sendmsg64, fd, message, flags);
}

/* A sendmsg of one part. */
ssize_t __real_send(int fd, const void *buffer, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *buffer, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *buffer, size_t size, int flags)
{
    struct iovec part = {(void *)buffer, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return is_socket(fd) ? __wrap_sendmsg(fd, &message, flags)
                         : __real_send(fd, buffer, size, flags);
}

ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
    struct iovec cut[MOST_PARTS];
    ssize_t to_move;
    size_t used;

    if (fails_on(CALL_WRITEV, fd))
        return -1;
    if (!moves_randomly())
        return __real_writev(fd, parts, count);
    to_move = size_to_move(fd, size_of_parts(parts, (size_t)count));
    if (to_move < 0)
        return -1;
    used = cut_parts(cut, parts, (size_t)count, (size_t)to_move);
    return __real_writev(fd, cut, (int)used);
}

int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    return fails_on(CALL_ACCEPT, fd) ? -1 : __real_accept4(fd, address, length, flags);
}

int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    if (!fails(CALL_CONNECT))
        return __real_connect(fd, address, length);
    if (answer_with == EINTR)
        __real_connect(fd, address, length);
    errno = answer_with;
    return -1;
}

static enum wrapped question(int name)
{
    return name == SO_ERROR ? CALL_GETSOCKOPT : CALL_PROTOCOL;
}

typedef int getsockopt_call(int fd, int level, int name, void *value, socklen_t *size);

getsockopt_call __real_getsockopt, __wrap_getsockopt;
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    return fails(question(name)) ? -1 : __real_getsockopt(fd, level, name, value, size);
}

getsockopt_call __real___getsockopt64 __attribute__((weak)), __wrap___getsockopt64;
int __wrap___getsockopt64(int fd, int level, int name, void *value, socklen_t *size)
{
    return fails(question(name)) ? -1 : __real___getsockopt64(fd, level, name, value, size);
}

ssize_t __real_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from,
                        socklen_t *length);
ssize_t __wrap_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from,
                        socklen_t *length);
ssize_t __wrap_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from,
                        socklen_t *length)
{
    return fails_on(CALL_RECVFROM, fd) ? -1
                                       : __real_recvfrom(fd, buffer, size, flags, from, length);
}

ssize_t __real_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *to,
                      socklen_t length);
ssize_t __wrap_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *to,
                      socklen_t length);
ssize_t __wrap_sendto(int fd, const void *buffer, size_t size, int flags, const struct sockaddr *to,
                      socklen_t length)
{
    return fails_on(CALL_SENDTO, fd) ? -1 : __real_sendto(fd, buffer, size, flags, to, length);
}

int __wrap_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how)
{
    return fails(CALL_SHUTDOWN) ? -1 : __real_shutdown(fd, how);
}

int __real_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int flags)
{
    return fails(CALL_EVENTFD) ? -1 : __real_eventfd(count, flags);
}

int __real_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_signalfd(int fd, const sigset_t *set, int flags)
{
    return fails(CALL_SIGNALFD) ? -1 : __real_signalfd(fd, set, flags);
}

int __real_pipe2(int *ends, int flags);
int __wrap_pipe2(int *ends, int flags);
int __wrap_pipe2(int *ends, int flags)
{
    return fails(CALL_PIPE) ? -1 : __real_pipe2(ends, flags);
}

/* Of the runtime there is one: pidfd_open. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    long arguments[6];
    va_list more;

    va_start(more, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(more, long);
    va_end(more);
    if (number == SYS_pidfd_open && fails(CALL_PIDFD_OPEN))
        return -1;
    if (number == SYS_pidfd_send_signal && fails(CALL_PIDFD_SIGNAL))
        return -1;
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}

typedef int spawn_call(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const *argv, char *const *envp);

spawn_call __real_posix_spawnp, __wrap_posix_spawnp;
int __wrap_posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const *argv, char *const *envp)
{
    return fails(CALL_SPAWN) ? answer_with
                             : __real_posix_spawnp(pid, path, actions, attributes, argv, envp);
}

int __real_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int as);
int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int as);
int __wrap_posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int as)
{
    return fails(CALL_SPAWN_DUP2) ? answer_with
                                  : __real_posix_spawn_file_actions_adddup2(actions, fd, as);
}

int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    if (!fails(CALL_WAITID))
        return __real_waitid(type, id, info, options);
    if (answer_with == STILL_LIVES)
        info->si_pid = 0;
    return answer_with == STILL_LIVES ? 0 : -1;
}

typedef int create_call(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                        void *data);

create_call __real_pthread_create, __wrap_pthread_create;
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *data)
{
    return fails(CALL_PTHREAD_CREATE) ? answer_with
                                      : __real_pthread_create(thread, attributes, start, data);
}

typedef ssize_t pread_call(int fd, void *buffer, size_t size, off_t at);
typedef ssize_t pread64_call(int fd, void *buffer, size_t size, int64_t at);

pread_call __real_pread, __wrap_pread;
ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t at)
{
    return fails(CALL_PREAD) ? -1 : __real_pread(fd, buffer, size, at);
}

pread64_call __real_pread64 __attribute__((weak)), __wrap_pread64;
ssize_t __wrap_pread64(int fd, void *buffer, size_t size, int64_t at)
{
    return fails(CALL_PREAD) ? -1 : __real_pread64(fd, buffer, size, at);
}

typedef int getaddrinfo_call(const char *host, const char *service, const struct addrinfo *hints,
                             struct addrinfo **list);

getaddrinfo_call __real_getaddrinfo, __wrap_getaddrinfo;
int __wrap_getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                       struct addrinfo **list)
{
    if (!fails(CALL_GETADDRINFO))
        return __real_getaddrinfo(host, service, hints, list);
    if (answer_with == EAI_SYSTEM)
        errno = 0; /* it does not say which */
    if (answer_with != TWENTY_ADDRESSES)
        return answer_with > 0 ? EAI_SYSTEM : answer_with;
    for (unsigned i = 0; i < 20; i++, list = &(*list)->ai_next)
        if (__real_getaddrinfo("127.0.0.1", service, hints, list) != 0)
            return EAI_MEMORY;
    return 0;
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
