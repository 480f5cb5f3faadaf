/* SPDX-License-Identifier: MIT */
/* timer_driver.h - how deadlines reach the kernel: what the reactor asks of a timer driver.
 *
 * A driver is a table of functions. What it must remember, it keeps in the sources it is given
 * and in `reactor->timer_state`, which belongs to whoever opened the reactor. The reactor itself
 * handles EDO_NEVER, and deadlines that have passed when they are armed: the driver never sees
 * them.
 *
 * Not for users: edo.h does not include it. */
#pragma once

#include <unistd.h>

#include "../base/container_of.h"
#include "../base/record.h"
#include "../base/sort.h"
#include "reactor.h"

struct edo_timer_driver {
    const char *name;

    /* true: on the real clock epoll reports each timer, and `expire` is called only on a virtual
     * clock. */
    bool is_reported;

    /* Opens what all timers share. 0, or -errno with nothing left open. */
    int (*open)(struct edo_reactor *reactor);

    /* Disarms the timers that are armed but not registered (the reactor disarms the registered
     * ones) and closes what `open` has opened. */
    void (*close)(struct edo_reactor *reactor);

    /* Makes sure that `source` comes due at source->due_ns, which is later than `now_ns`, and not
     * before. 0, or -errno with nothing left open. On a virtual clock the kernel must not report
     * the timer. */
    int (*arm)(struct edo_source *source, uint64_t now_ns);
    void (*disarm)(struct edo_source *source);

    /* The deadline of an armed timer has become another, which is later than the last look at the
     * clock. NULL: it is disarmed and armed instead. */
    void (*move)(struct edo_source *source);

    /* Makes due every timer whose deadline has come by `now_ns`. If there is none and
     * `is_to_sleep`: on the real clock makes sure that epoll ends the sleep at the first deadline
     * (if that fails, a timer is due with the error), or itself ends the sleep where that is so
     * near that the thread is to watch the clock; a virtual clock jumps to the first deadline.
     * 0; -errno if there is no timer that could have the error. */
    int (*expire)(struct edo_reactor *reactor, uint64_t now_ns, bool is_to_sleep);

    /* One of the timers that come first; NULL: there is none. `due_ns`: the first deadline of all,
     * or an earlier time; EDO_NEVER: there is none. Where timers are reported it is NULL. */
    const struct edo_source *(*first)(const struct edo_reactor *reactor, uint64_t *due_ns);

    /* In a traced run: notes the system calls that have just been made to arm a timer, at `now_ns`,
     * or to disarm it, if it fires or is disarmed. Only of a timer with an fd. It stands apart from
     * `arm` and `disarm`, so that these are no slower without a trace. */
    void (*note)(const struct edo_source *source, enum edo_trace_kind kind, uint64_t now_ns);

    /* Calls `visit` for each armed timer that is not registered, in any order. */
    void (*each)(const struct edo_reactor *reactor, edo_visit *visit, void *data);
};

/* Notes a system call that was just made, in a traced run (struct edo_trace_note). */
static inline void edo_reactor_note(const struct edo_reactor *reactor, const char *name, int fd,
                                    int how, uint64_t arg, int result)
{
    if (reactor->trace != NULL)
        edo_record_note(reactor->trace, name, fd, how, arg, result);
}

/* Closes an fd of the reactor's own. */
static inline void edo_reactor_close_fd(const struct edo_reactor *reactor, int fd)
{
    close(fd);
    edo_reactor_note(reactor, "close", fd, 0, 0, 0);
}

/* Puts `fd` into the epoll set under `id`. An event of id 0 ends the sleep and makes nothing due. 0
 * or -errno of epoll_ctl(2). */
int edo_reactor_add(struct edo_reactor *reactor, int fd, uint32_t events, uint32_t id);

/* Takes `fd` out of the epoll set. Before the fd is closed: a duplicate of it would keep it in the
 * set. 0 or -errno of epoll_ctl(2). */
int edo_reactor_remove(struct edo_reactor *reactor, int fd);

/* The same for source->fd, under source->id or the next id that is free. When epoll reports that
 * id, the reactor reads the timerfd; if the timerfd has expired, the reactor disarms the source and
 * makes it due. */
int edo_reactor_register(struct edo_source *source, uint32_t events);
int edo_reactor_unregister(struct edo_source *source);

/* Makes a source DUE that is ARMED and that the driver has released. `result`: 0 or -errno. */
void edo_reactor_make_due(struct edo_source *source, int result);

/* Puts an fd of io/ into the epoll set, edge-triggered or however `events` say. Each event that
 * epoll reports is stored in source->result and `waker` is called with it, while the events are
 * being collected: it may only end waits. 0, or -errno of edo_reactor_watch. Closing the reactor
 * takes it out again. */
int edo_reactor_add_io(struct edo_reactor *reactor, struct edo_source *source, int fd,
                       uint32_t events, struct edo_waker waker);
void edo_reactor_remove_io(struct edo_source *source);

/* Arms a source that comes due when edo_reactor_end_wait is called, with that result. `fd`: for
 * views, the registered fd that it waits for. 0; -EBUSY, -EBADF as edo_reactor_watch. */
int edo_reactor_wait(struct edo_reactor *reactor, struct edo_source *source, int fd,
                     struct edo_waker waker);

/* Makes a source DUE that is ARMED; also a timer, before its time. Any other stays as it is. */
void edo_reactor_end_wait(struct edo_source *source, int result);

/* Notes the end of the thread's sleep, in `now_ns`, `asleep_ns` and the trace. If the thread is not
 * asleep it does nothing. For a driver that has set a virtual clock to the first deadline, before
 * it makes that timer due. */
void edo_reactor_end_sleep(struct edo_reactor *reactor);

/* Whether the reactor knows by its own clock which timers are due, and that is the real one. */
static inline bool edo_reactor_keeps_time(const struct edo_reactor *reactor)
{
    return reactor->is_by_clock && !reactor->clock.is_virtual &&
           reactor->pending != reactor->never_count;
}

/* A part of edo_reactor_react, without a system call: wakes what is due by the clock. Where the
 * reactor keeps time, and not from inside a waker. */
void edo_reactor_react_to_time(struct edo_reactor *reactor);

/* Before a reactor is closed: in a process that was forked from its opener, closes the epoll fd
 * first. So nothing is taken out of the epoll set, which the two processes share. */
void edo_reactor_detach(struct edo_reactor *reactor);

/* The order of wakes: by due time; where that is equal, by the order of arming. Ids count up and
 * wrap round, so their difference is compared. */
static inline bool edo_source_is_before(const struct edo_source *a, const struct edo_source *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
    return (int32_t)(a->id - b->id) < 0;
}

/* The same for the links of two sources. */
static inline bool edo_source_link_is_before(const struct edo_list *a, const struct edo_list *b)
{
    return edo_source_is_before(edo_container_of(a, struct edo_source, link),
                                edo_container_of(b, struct edo_source, link));
}
