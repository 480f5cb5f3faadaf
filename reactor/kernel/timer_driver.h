/* SPDX-License-Identifier: MIT */
/* timer_driver.h - how deadlines reach the kernel: what the reactor asks of a timer driver.
 *
 * A driver is a table of six functions. What it must remember, it keeps in the sources it is given
 * and in `reactor->timer_state`, which belongs to whoever opened the reactor. A deadline that has
 * passed when it is armed does not come here, nor does EDO_NEVER: the reactor handles these itself.
 *
 * Not for users: edo.h does not include it. */
#pragma once

#include "../base/container_of.h"
#include "../base/sort.h"
#include "reactor.h"

struct edo_timer_driver {
    const char *name;

    /* On the real clock epoll reports each timer by itself; then `expire` is called only on a
     * virtual clock. */
    bool is_reported;

    /* Takes what all timers share. 0, or -errno with nothing left open. */
    int (*open)(struct edo_reactor *reactor);

    /* Disarms what is armed without a registration of its own (the reactor disarms the registered
     * one by one) and gives back what `open` took. */
    void (*close)(struct edo_reactor *reactor);

    /* Sees to it that `source` comes due at source->due_ns, and not before. That lies ahead of
     * `now_ns`. 0, or -errno with nothing left behind. On a virtual clock nothing may fire by
     * itself. */
    int (*arm)(struct edo_source *source, uint64_t now_ns);
    void (*disarm)(struct edo_source *source);

    /* Makes due whatever is due by `now_ns`. If nothing is and
     * `is_to_sleep`, then on the real clock sees to it that epoll ends the sleep when the first
     * timer is due; a timer for which that fails is due with the error. On a virtual clock time
     * jumps to the first deadline. 0; -errno if there is no timer to have the error. */
    int (*expire)(struct edo_reactor *reactor, uint64_t now_ns, bool is_to_sleep);

    /* Calls `visit` for each armed timer that is not registered, in any order. */
    void (*each)(const struct edo_reactor *reactor, edo_visit *visit, void *data);
};

/* Puts `fd` into the epoll set under `id`; under id 0 an event only ends the wait. 0 or -errno of
 * epoll_ctl(2). */
int edo_reactor_add(struct edo_reactor *reactor, int fd, uint32_t events, uint32_t id);

/* Takes it out again: before the fd is closed, since a duplicate of it would keep it in the set.
 * 0 or -errno of epoll_ctl(2). */
int edo_reactor_remove(struct edo_reactor *reactor, int fd);

/* The same for source->fd under source->id, or the next id that is free. When epoll reports it, the
 * reactor reads the timerfd and, if that has expired, disarms the source and makes it due. */
int edo_reactor_register(struct edo_source *source, uint32_t events);
int edo_reactor_unregister(struct edo_source *source);

/* An ARMED source that the driver has let go of becomes DUE. `result`: 0 or -errno. */
void edo_reactor_make_due(struct edo_source *source, int result);

/* Puts an fd of io/ into the epoll set, edge-triggered or however `events` say. Each event that
 * epoll reports is stored in source->result and `waker` is called with it, while the events are
 * being collected: it may only end waits. 0, or -errno of edo_reactor_watch. Closing the reactor
 * takes it out again. */
int edo_reactor_add_io(struct edo_reactor *reactor, struct edo_source *source, int fd,
                       uint32_t events, struct edo_waker waker);
void edo_reactor_remove_io(struct edo_source *source);

/* Arms a source that comes due when edo_reactor_end_wait is called, with that result. 0; -EBUSY,
 * -EBADF as edo_reactor_watch. */
int edo_reactor_wait(struct edo_reactor *reactor, struct edo_source *source,
                     struct edo_waker waker);
void edo_reactor_end_wait(struct edo_source *source, int result);

/* The sleep of the thread is over, as the trace tells it; again it does nothing. For a driver that
 * has set a virtual clock to the first deadline, before it makes that timer due. */
void edo_reactor_end_sleep(struct edo_reactor *reactor);

/* Before a reactor is closed: in another process than the one that opened it, nothing may be taken
 * out of the epoll set, which is the parent's too. */
void edo_reactor_detach(struct edo_reactor *reactor);

/* The order of wakes: by due time, and where that is equal by the order of arming. Ids count up and
 * wrap, so they are compared by their distance. */
static inline bool edo_source_is_before(const struct edo_source *a, const struct edo_source *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
    return (int32_t)(a->id - b->id) < 0;
}

/* The same for their links. */
static inline bool edo_source_link_is_before(const struct edo_list *a, const struct edo_list *b)
{
    return edo_source_is_before(edo_container_of(a, struct edo_source, link),
                                edo_container_of(b, struct edo_source, link));
}
