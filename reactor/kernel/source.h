/* source.h - something the reactor can report: an fd that is ready, or a deadline that has passed.
 *
 *         watch, arm             the kernel reports it        its waker is called
 *   IDLE ------------> ARMED -------------------------> DUE ---------------------> FIRED
 *
 *   A deadline that has passed goes to DUE at once. From ARMED and DUE, edo_source_disarm goes back
 * to IDLE, and so does what the kernel refuses. From FIRED one may watch or arm again.
 *
 * A source fires once. From DUE on, the kernel has already forgotten it: nothing is registered and
 * no timerfd is open, so nothing is left to report it a second time.
 *
 * Memory: the caller's. While ARMED or DUE the reactor points into it, so it must neither move nor
 * go away. Callers read `state`, `id`, `due_ns` and `result`, and may replace `waker`; the rest is
 * the reactor's. */
#ifndef EDO_SOURCE_H
#define EDO_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/list.h"
#include "../base/waker.h"

struct edo_reactor;

enum edo_source_state { EDO_SOURCE_IDLE, EDO_SOURCE_ARMED, EDO_SOURCE_DUE, EDO_SOURCE_FIRED };

enum edo_source_kind {
    EDO_SOURCE_FD,    /* an fd of the caller's */
    EDO_SOURCE_TIMER, /* whatever the timer driver has the reactor watch */
    EDO_SOURCE_NEVER, /* a timer armed for EDO_NEVER: nobody has to watch it */
};

/* 64 bytes, one cache line, where pointers have 64 bits. */
struct edo_source {
    struct edo_list link; /* ARMED: the reactor's lists or the timer driver's; DUE: the due list */
    struct edo_waker waker;
    struct edo_reactor *reactor; /* set when first armed */
    uint64_t due_ns;             /* a timer's deadline; an fd's is when it was seen ready */
    uint32_t id;                 /* what strace shows in epoll_data; new with every arming */
    int fd;                      /* valid while ARMED; not used by timers that have none */
    int result;                  /* from DUE on: the fd's epoll events, a timer's 0; or -errno */
    uint8_t state;               /* enum edo_source_state */
    uint8_t kind;                /* enum edo_source_kind */
    bool is_relative;            /* a timer that was asked for as a duration */
};

/* Before the first use, and not while ARMED or DUE. */
static inline void edo_source_init(struct edo_source *source)
{
    *source = (struct edo_source){.fd = -1, .state = EDO_SOURCE_IDLE};
}

static inline bool edo_source_is_pending(const struct edo_source *source)
{
    return source->state == EDO_SOURCE_ARMED || source->state == EDO_SOURCE_DUE;
}

/* The order of wakes: by due time, and where that is equal by the order of arming. Ids count up and
 * wrap, so they are compared by their distance. */
static inline bool edo_source_is_before(const struct edo_source *a, const struct edo_source *b)
{
    if (a->due_ns != b->due_ns)
        return a->due_ns < b->due_ns;
    return (int32_t)(a->id - b->id) < 0;
}

/* Lets go at once of all that an ARMED or DUE source holds; its waker will not be called. Otherwise
 * it does nothing. The caller's fd stays open. */
void edo_source_disarm(struct edo_source *source);

/* Gives a pending timer another deadline; its waker stays. The cheap way for deadlines that move
 * often, as an idle timeout does with each message: with the wheel it reads no clock, and a
 * deadline that has passed is reported when the kernel is looked at next. Among equal deadlines it
 * is now the last.
 *
 * 0; -EINVAL: it is not a pending timer; or -errno as edo_reactor_arm_until: then it is let go of,
 * and its waker is not called. */
int edo_source_rearm_until(struct edo_source *source, uint64_t deadline_ns);

#endif
