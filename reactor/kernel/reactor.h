/* reactor.h - turns what the kernel reports into wakes. The only part that knows epoll.
 *
 *           watch, arm                      edo_reactor_turn
 *   caller ------------> table of sources -------------------+
 *                          ^                                 |  1. wait   epoll_wait
 *                          |                                 |  2. collect: mark sources due;
 *                   kernel: epoll set                        |     no code of a caller's runs
 *                                                            v
 *   caller <------------------- wakers ------------ 3. wake, in the order in which they came due
 *
 * Collecting and waking are two steps on purpose. No waker runs while events are being looked at,
 * so nobody can close, cancel or re-arm a source that the rest of the batch still names.
 *
 * It knows wakers and nothing above them, and can be used by itself. Memory: the struct is the
 * caller's and must not move while open; nothing is allocated. One thread at a time. */
#ifndef EDO_REACTOR_H
#define EDO_REACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/clock.h"
#include "../base/list.h"
#include "source.h"
#include "timer_driver.h"
#include "../base/trace.h"
#include "../base/waker.h"

/* A power of two. With 10,000 timerfds armed, finding one by its id looks at ten. */
#define EDO_REACTOR_BUCKETS 1024

struct edo_reactor_options {
    const struct edo_timer_driver *timers; /* NULL: edo_timer_fd */
    void *timer_state;                     /* what that driver asks for */

    /* A sleeping thread is woken for deadlines at multiples of this, so that they share wakeups: a
     * timer may be so much later, and no more. 0: at each. Without effect on a virtual clock. */
    uint64_t slack_ns;

    bool is_virtual;         /* run on a virtual clock, which starts at 0 */
    struct edo_trace *trace; /* record into this; NULL: don't */
};

struct edo_reactor {
    struct edo_clock clock;
    uint64_t asleep_ns; /* in all, spent waiting for the kernel */
    uint64_t woken_ns;  /* when the source that was woken last, or is being woken, came due */
    const struct edo_timer_driver *timers;
    void *timer_state;
    uint64_t slack_ns;
    struct edo_trace *trace; /* NULL: none */
    int epoll_fd;
    uint32_t last_id;
    unsigned pending; /* sources that are ARMED or DUE */
    unsigned watched; /* of these, fds that are ARMED */
    unsigned endless; /* of these, timers that are armed for EDO_NEVER */
    bool is_turning;
    struct edo_list never;                           /* those */
    struct edo_list due;                             /* by due_ns, then by id */
    struct edo_list *last_due;                       /* the last that was inserted into `due` */
    struct edo_list registered[EDO_REACTOR_BUCKETS]; /* in the epoll set, by id */
};

/* Opens `reactor`; `options` may be NULL. 0, or -errno of epoll_create1(2) or the timer driver;
 * then closing it does nothing. */
int edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options);

/* Disarms every source and closes what it opened; again it does nothing. Not for the reactor of an
 * executor, which closes it itself. 0; -EBUSY from inside a waker. */
int edo_reactor_close(struct edo_reactor *reactor);

/* Wakes `waker` once when `fd` is ready for `events` (EPOLLIN, EPOLLOUT, ...), an error or a
 * hang-up included; source->result then holds the events. The fd must stay open until FIRED or
 * disarmed.
 *
 * 0; -EBUSY: `source` is pending; -EEXIST: another source watches this fd (to wait for both
 * directions of a socket, watch a dup(2) of it); -EPERM: this kind of file can't be watched (a
 * regular one); -EBADF, -EINVAL, -ELOOP, -ENOMEM, -ENOSPC: see epoll_ctl(2). */
int edo_reactor_watch(struct edo_reactor *reactor, struct edo_source *source, int fd,
                      uint32_t events, struct edo_waker waker);

/* Wakes `waker` once when `duration_ns` has passed, never earlier. 0 means in the next turn.
 *
 * 0; -EBUSY: `source` is pending; what the driver meets, for edo_timer_fd -EMFILE, -ENFILE,
 * -ENOMEM, -ENODEV of timerfd_create(2) and -ENOSPC, -ENOMEM of epoll_ctl(2). */
int edo_reactor_arm_for(struct edo_reactor *reactor, struct edo_source *source,
                        uint64_t duration_ns, struct edo_waker waker);

/* The same for a deadline on the reactor's clock; one that has passed means in the next turn. One
 * of EDO_NEVER, or a duration that comes to it, is armed without the kernel and can only be
 * disarmed: it doesn't count as something that could end a wait. */
int edo_reactor_arm_until(struct edo_reactor *reactor, struct edo_source *source,
                          uint64_t deadline_ns, struct edo_waker waker);

/* How a turn looks at the kernel. */
enum edo_look {
    EDO_LOOK_NOT,  /* not at all: only wakes what is due already */
    EDO_LOOK,      /* without waiting */
    EDO_LOOK_WAIT, /* until something is due; virtual time jumps there, past fds not ready yet */
};

/* One turn: look, collect, wake. The number of sources woken, which may be 0; or -errno: -EDEADLK
 * if it was to wait and nothing pending could ever end the wait; -EBADF: an fd was closed while it
 * was watched; -EBUSY from inside a waker; else of epoll_wait(2), or of timerfd_settime(2) where no
 * timer is left to end with it. A signal doesn't end the wait. */
int edo_reactor_turn(struct edo_reactor *reactor, enum edo_look how);

/* Whether a turn has something to wake without looking at the kernel. */
static inline bool edo_reactor_has_due(const struct edo_reactor *reactor)
{
    return !edo_list_is_empty(&reactor->due);
}

/* --- For timer drivers ------------------------------------------------------------------------ */

/* Puts source->fd into the epoll set under source->id, or the next that is free, to be collected
 * when it can be read. 0 or -errno of epoll_ctl(2). */
int edo_reactor_register(struct edo_source *source, uint32_t events);

/* Takes it out again: before the fd is closed, since a duplicate of it would keep it in the set. */
void edo_reactor_unregister(struct edo_source *source);

/* A timer gets a new id with each arming and each moving: of equal deadlines, the lower comes
 * first. Never 0. */
uint32_t edo_reactor_next_id(struct edo_reactor *reactor);

/* An ARMED source that the driver has let go of becomes DUE. `result`: 0 or -errno. */
void edo_reactor_make_due(struct edo_source *source, int result);

#endif
