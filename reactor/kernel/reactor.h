/* SPDX-License-Identifier: MIT */
/* reactor.h - turns what the kernel reports into wakes. The only part that knows epoll.
 *
 *           watch, arm            edo_reactor_react
 *   caller ------------> table of sources --+
 *                          ^                |  1. look: epoll_wait
 *                          |                |  2. collect: mark sources due;
 *                   kernel: epoll set       |     no code of the caller's runs
 *                                           v
 *   caller <---------- wakers ------- 3. wake, in the order of the due times
 *
 * Collecting and waking are two steps on purpose. No waker runs while events are being collected,
 * so nobody can close, cancel or re-arm a source that the rest of the batch still names.
 *
 * The reactor knows wakers and nothing above them, and can be used by itself. Memory: the struct,
 * some 20 KB, is the caller's and must not move while open; nothing is allocated. One thread at a
 * time.
 *
 * After fork(2) the child shares the epoll set with its parent. The child may close the reactor,
 * which then only closes fds, or exec or exit; it must not use it in any other way. */
#pragma once

#include "../base/trace.h"
#include "source.h"
#include "spin.h"

/* A power of two. With 10,000 timerfds armed, there are ten in each bucket. */
#define EDO_REACTOR_BUCKETS 1024

struct edo_timer_driver;
struct edo_reactor_options;

struct edo_reactor {
    struct edo_clock clock; /* by which deadlines are armed and judged */
    uint64_t now_ns;        /* when the kernel was looked at last */
    uint64_t asleep_ns;     /* in epoll_wait, or from prepare to the next turn, in all */
    const struct edo_timer_driver *timers; /* set by open, as the next two are */
    void *timer_state;                     /* the driver's */
    uint64_t slack_ns;                     /* how much later a sleeping thread is woken */
    struct edo_spin spin;                  /* when it watches the clock instead */
    struct edo_trace *trace;               /* NULL: none */
    struct edo_remote *remote;             /* NULL: no other thread posts */
    int epoll_fd;                          /* -1: closed */
    int opener;                            /* the process that opened it; 0 once it is closing */
    uint32_t last_id;                      /* of a source */
    unsigned pending;                      /* sources that are ARMED or DUE */
    unsigned never_count;                  /* of the pending: timers that are armed for EDO_NEVER */
    unsigned watched;                      /* fds in the epoll set that are no timerfds */
    unsigned outside;     /* what virtual time stands still for: calls on other threads, children,
                             ARMED sources that wait for another process */
    unsigned lost;        /* how many fds were closed while they were watched */
    int lost_fd;          /* the last fd that was lost so */
    uint32_t lost_id;     /* the id of its source */
    bool is_open;         /* from open to close */
    bool is_by_clock;     /* the driver is asked which timers are due; else epoll reports each */
    bool is_asleep;       /* the thread is in epoll_wait, since now_ns */
    bool is_reacting;     /* inside edo_reactor_react */
    bool is_due_unsorted; /* `due` has to be sorted before the wakers run */
    struct edo_list due;  /* by due_ns, then by id */
    struct edo_list *last_due; /* the link that was inserted into `due` last */
    struct edo_list unkept;    /* armed, and in no other list: for EDO_NEVER, or to WAIT */
    struct edo_list registered[EDO_REACTOR_BUCKETS]; /* sources in the epoll set, by id */
    uint32_t watched_as[EDO_REACTOR_BUCKETS];        /* by fd: the id of its last source */
};

/* Opens `reactor`; `options` may be NULL. After an error edo_reactor_close does nothing. Returns 0,
 * or -errno. -EINVAL: the options name the wheel, and no timer_state for it; else as
 * epoll_create1(2), epoll_ctl(2), timerfd_create(2), and, for EDO_SPIN_MEASURED,
 * timerfd_settime(2), read(2). */
int edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options);

/* Disarms every source and closes what the reactor has opened. Once it is closed, this does
 * nothing. Not for the reactor of an executor, which closes it itself. Returns 0, or -errno.
 * -EBUSY: the call comes from inside a waker. */
int edo_reactor_close(struct edo_reactor *reactor);

/* Wakes `waker` once when `duration_ns` has passed, never earlier. A duration of 0 has passed at
 * the next edo_reactor_react.
 *
 * Returns 0, or -errno. -EBUSY: `source` is pending; -EBADF: the reactor is closed; -EMFILE,
 * -ENFILE, -ENOMEM, -ENODEV: with edo_timer_fd, there is no timerfd to be had (timerfd_create(2));
 * -ENOSPC: with edo_timer_fd, the user may watch no more fds (epoll_ctl(2)). */
int edo_reactor_arm_for(struct edo_reactor *reactor, struct edo_source *source,
                        uint64_t duration_ns, struct edo_waker waker);

/* What edo_reactor_react does where nothing is due. */
enum edo_wait {
    EDO_NO_WAIT, /* only look */
    EDO_WAIT,    /* until something is due; a virtual clock jumps to the first deadline, and waits
                    for an fd only where there is none */
};

/* Looks at the kernel, collects, wakes. A signal does not end the wait. Returns how many wakers
 * were called, which may be 0; or -errno. -EDEADLK: it was to wait, and nothing pending could ever
 * end the wait; -EBUSY: the call comes from inside a waker; else as epoll_wait(2), or
 * timerfd_settime(2) if there is no timer that could have that error. */
int edo_reactor_react(struct edo_reactor *reactor, enum edo_wait wait);

/* Whether something is due already. The kernel is not asked. */
static inline bool edo_reactor_has_due(const struct edo_reactor *reactor)
{
    return !edo_list_is_empty(&reactor->due);
}

/* === From here on: the evening ================================================================ */

/* One timerfd per timer. Every sleep can be seen: created, armed, watched, read, closed. Its limit
 * is the number of fds: a timer that gets none has the error EMFILE, the others go on. It needs no
 * timer_state. */
extern const struct edo_timer_driver edo_timer_fd;

/* One timerfd for all timers. Its timer_state is a struct edo_timer_wheel (timer_wheel.h). */
extern const struct edo_timer_driver edo_timer_wheel;

/* A spin_ns: as much as this machine needs. */
#define EDO_SPIN_MEASURED EDO_NEVER

/* All zeros are the defaults. */
struct edo_reactor_options {
    const struct edo_timer_driver *timers; /* NULL: edo_timer_fd */
    void *timer_state;                     /* what that driver asks for */

    /* A sleeping thread is woken for timers as much later as this, so that deadlines which lie so
     * close together share a wakeup; with edo_timer_fd, at multiples of it. A timer is later by at
     * most this. 0: the thread is woken for each deadline. Without effect on a virtual clock. */
    uint64_t slack_ns;

    /* The thread sleeps until so long before the first deadline, and then watches the clock: its
     * timers are late by some us, where the kernel wakes it 10 to 100 us late. Never early.
     * While it watches it looks at its fds once in 10 us, and has a task polled in vain, whose
     * timer is one of the next: the caches are warm then. 0: it only sleeps. EDO_SPIN_MEASURED:
     * edo_reactor_open takes 0.1 s to find out how late this machine wakes a thread (nine times
     * in ten), begins with six times that, and follows what each sleep shows; it is at most 1 ms.
     * A time that is given is at most 250 ms: a longer one is as that. Without effect with
     * edo_timer_fd, on a virtual clock, and in a loop that is not edo's. */
    uint64_t spin_ns;
    unsigned spin_percent; /* the share of a CPU that this may use; where it is used up, the thread
                              only sleeps. 0: 25; more than 100 is 100 */

    bool is_virtual;         /* run on a virtual clock, which starts at 0 */
    struct edo_trace *trace; /* where the runtime records; NULL: nowhere */
};

/* Wakes `waker` once when `fd` is ready for `events` (EPOLLIN, EPOLLOUT, ...), an error or a
 * hang-up included; source->result then holds the events. Level-triggered and one-shot. The fd must
 * stay open until FIRED or disarmed. If it was closed, and the reactor notices that, the result is
 * -EBADF and `lost` counts it. While a duplicate of the fd is open, the reactor may notice it late
 * or never. Nor does it, while an fd is watched whose number differs by a multiple of
 * EDO_REACTOR_BUCKETS, when the lost number is watched anew; that watch may then be lost as well.
 *
 * Returns 0, or -errno. -EBUSY: `source` is pending; -EEXIST: another source watches this fd (to
 * wait for both directions of a socket, watch a dup(2) of it); -EPERM: this kind of file can't be
 * watched (a regular one); -EBADF: the fd is not open, or the reactor is closed; -EINVAL, -ELOOP,
 * -ENOMEM, -ENOSPC: see epoll_ctl(2). */
int edo_reactor_watch(struct edo_reactor *reactor, struct edo_source *source, int fd,
                      uint32_t events, struct edo_waker waker);

/* As edo_reactor_arm_for, for a deadline on the reactor's clock; a deadline that has passed is due
 * at the next edo_reactor_react. EDO_NEVER, or a duration that leads to it, is armed without the
 * kernel and can only be disarmed: it does not count as something that could end a wait.
 *
 * Returns 0, or -errno as edo_reactor_arm_for. */
int edo_reactor_arm_until(struct edo_reactor *reactor, struct edo_source *source,
                          uint64_t deadline_ns, struct edo_waker waker);

/* For a loop that is not edo's, before it waits on edo_reactor_fd: sees to it that this becomes
 * readable when there is something to react to. To be called before each wait, since timers may
 * have been armed meanwhile. When the fd is readable, edo_reactor_react(EDO_NO_WAIT); when the wait
 * was ended by something else, that does no harm.
 *
 * After an error the loop must not wait for the fd until a call has none: it may be readable all
 * the time.
 *
 * Returns 0: wait; 1: something is due already, react at once; or -errno. -EDEADLK: nothing pending
 * could ever end the wait; -EBUSY: the call comes from inside a waker; -EINVAL: on a virtual clock
 * nobody waits; else as timerfd_settime(2). */
int edo_reactor_prepare(struct edo_reactor *reactor);

/* What such a loop waits on, for POLLIN: the epoll fd, or -1. */
static inline int edo_reactor_fd(const struct edo_reactor *reactor)
{
    return reactor->epoll_fd;
}

/* Is called for a source, with the `data` of edo_reactor_each_armed. */
typedef void edo_visit(const struct edo_source *source, void *data);

/* For views: calls `visit` for each armed source, in no particular order. `visit` must neither arm
 * nor disarm. */
void edo_reactor_each_armed(const struct edo_reactor *reactor, edo_visit *visit, void *data);
