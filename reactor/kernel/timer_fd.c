/* SPDX-License-Identifier: MIT */
/* timer_fd.c - the timer driver with one timerfd per timer: the kernel keeps the deadlines, and
 * each timer's life can be seen from outside.
 *
 *   arm      timerfd_create, timerfd_settime, epoll_ctl ADD
 *   collect  read (in reactor.c), then disarm
 *   disarm   epoll_ctl DEL, close */
#define _POSIX_C_SOURCE 200809L /* CLOCK_MONOTONIC */

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../base/container_of.h"
#include "timer_driver.h"

static_assert(sizeof(time_t) == 8, "on 32 bits: -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64");

/* A duration is armed as a duration, so that strace shows the number that the program says. The
 * kernel counts from a moment after `now_ns`, so that is never early. A deadline is armed as a
 * deadline, so that equal ones are equal to the kernel as well; with slack, so is a duration. */
static inline int fd_setting(const struct edo_source *source, uint64_t now_ns, uint64_t *time_ns)
{
    uint64_t slack_ns = source->reactor->slack_ns;
    bool is_relative = source->is_relative && slack_ns == 0;

    *time_ns = is_relative ? source->due_ns - now_ns : edo_time_round_up(source->due_ns, slack_ns);
    return is_relative ? 0 : TFD_TIMER_ABSTIME;
}

enum fd_call { FD_CREATE, FD_SET, FD_ADD, FD_NO_CALL };

/* The calls of an arming, of which one may have failed. */
static void fd_note_arming(const struct edo_source *source, uint64_t now_ns, enum fd_call failed,
                           int error)
{
    const struct edo_reactor *reactor = source->reactor;
    uint64_t time_ns;
    int flags = fd_setting(source, now_ns, &time_ns);

    edo_reactor_note(reactor, "timerfd_create", -1, 0, 0, failed == FD_CREATE ? error : source->fd);
    if (failed > FD_CREATE && !reactor->clock.is_virtual)
        edo_reactor_note(reactor, "timerfd_settime", source->fd, flags, time_ns,
                         failed == FD_SET ? error : 0);
    if (failed > FD_SET)
        edo_reactor_note(reactor, "epoll_ctl", source->fd, EPOLL_CTL_ADD, source->id,
                         failed == FD_ADD ? error : 0);
}

static void fd_note(const struct edo_source *source, enum edo_trace_kind kind, uint64_t now_ns)
{
    if (kind == EDO_TRACE_ARM) {
        fd_note_arming(source, now_ns, FD_NO_CALL, 0);
    } else {
        edo_reactor_note(source->reactor, "epoll_ctl", source->fd, EPOLL_CTL_DEL, 0, 0);
        edo_reactor_note(source->reactor, "close", source->fd, 0, 0, 0);
    }
}

static EDO_NOINLINE int fd_refuse(const struct edo_source *source, uint64_t now_ns,
                                  enum fd_call failed, int error)
{
    fd_note_arming(source, now_ns, failed, error);
    if (failed > FD_CREATE)
        edo_reactor_close_fd(source->reactor, source->fd);
    return error;
}

static int fd_arm(struct edo_source *source, uint64_t now_ns)
{
    const struct edo_reactor *reactor = source->reactor;
    uint64_t time_ns;
    int flags = fd_setting(source, now_ns, &time_ns);
    struct itimerspec spec = {
        .it_value.tv_sec = (time_t)(time_ns / EDO_NS_PER_S),
        .it_value.tv_nsec = (long)(time_ns % EDO_NS_PER_S),
    };
    int error;

    source->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (source->fd < 0)
        return fd_refuse(source, now_ns, FD_CREATE, -errno);
    /* Into a virtual clock real time must not leak. */
    if (!reactor->clock.is_virtual && timerfd_settime(source->fd, flags, &spec, NULL) < 0)
        return fd_refuse(source, now_ns, FD_SET, -errno);
    error = edo_reactor_register(source, EPOLLIN);
    return error ? fd_refuse(source, now_ns, FD_ADD, error) : 0;
}

static void fd_disarm(struct edo_source *source)
{
    edo_reactor_unregister(source);
    close(source->fd);
}

/* === From here on: the evening ================================================================ */

/* The timers share nothing. */
static int fd_open(struct edo_reactor *reactor)
{
    (void)reactor;
    return 0;
}

static void fd_close(struct edo_reactor *reactor)
{
    (void)reactor;
}

/* All are registered. */
static void fd_each(const struct edo_reactor *reactor, edo_visit *visit, void *data)
{
    (void)reactor;
    (void)visit;
    (void)data;
}

/* --- On a virtual clock ------------------------------------------------------------------------
 *
 * The timerfds are created and registered, to be seen, but not set. Each jump of time looks at
 * every timer: for very many of them the wheel is the better driver. */

/* Makes due what is due by `now_ns`, in order; the earliest deadline of the rest. */
static uint64_t fd_expire_by(struct edo_reactor *reactor, uint64_t now_ns)
{
    uint64_t earliest_ns = EDO_NEVER;
    struct edo_list due, *at, *next;

    edo_list_init(&due);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        for (at = reactor->registered[i].next; at != &reactor->registered[i]; at = next) {
            const struct edo_source *source = edo_container_of(at, struct edo_source, link);

            next = at->next;
            if (source->kind == EDO_SOURCE_TIMER && source->due_ns <= now_ns) {
                edo_list_remove(at);
                edo_list_append(&due, at);
            } else if (source->kind == EDO_SOURCE_TIMER && source->due_ns < earliest_ns) {
                earliest_ns = source->due_ns;
            }
        }
    edo_list_sort(&due, edo_source_link_is_before);
    while (!edo_list_is_empty(&due)) {
        struct edo_source *source = edo_container_of(due.next, struct edo_source, link);

        fd_disarm(source);
        edo_reactor_make_due(source, 0);
    }
    return earliest_ns;
}

static int fd_expire(struct edo_reactor *reactor, uint64_t now_ns, bool is_to_sleep)
{
    uint64_t earliest_ns = fd_expire_by(reactor, now_ns);

    if (is_to_sleep && earliest_ns != EDO_NEVER) {
        edo_clock_advance(&reactor->clock, earliest_ns);
        edo_reactor_end_sleep(reactor);
        fd_expire_by(reactor, earliest_ns);
    }
    return 0;
}

const struct edo_timer_driver edo_timer_fd = {
    .name = "fd",
    .is_reported = true,
    .open = fd_open,
    .close = fd_close,
    .arm = fd_arm,
    .disarm = fd_disarm,
    .expire = fd_expire,
    .each = fd_each,
    .note = fd_note,
};
