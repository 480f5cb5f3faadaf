/* SPDX-License-Identifier: MIT */
/* source.h - something the reactor can report: an fd that is ready, or a deadline that has passed.
 *
 *        watch, arm        the kernel reports it     its waker is called
 *   IDLE -----------> ARMED --------------------> DUE ------------------> FIRED
 *
 * A deadline that has passed goes to DUE at once. From ARMED and DUE, edo_source_disarm leads back
 * to IDLE. A source that the kernel refuses stays IDLE. From IDLE and FIRED one may watch or arm.
 *
 * A source fires once. From DUE on, the kernel has forgotten it: it is not in the epoll set and no
 * timerfd is open, so the kernel can't report it a second time.
 *
 * Memory: the caller's. While ARMED or DUE the reactor points into the source, so it must neither
 * move nor go away. Callers read `state`, `id`, `result` and `due_ns`, and may replace `waker`. The
 * rest is the reactor's. */
#pragma once

#include <string.h>

#include "../base/list.h"
#include "../base/waker.h"

struct edo_reactor;

enum edo_source_state { EDO_SOURCE_IDLE, EDO_SOURCE_ARMED, EDO_SOURCE_DUE, EDO_SOURCE_FIRED };

enum edo_source_kind {
    EDO_SOURCE_FD,    /* an fd of the caller's */
    EDO_SOURCE_TIMER, /* a deadline, kept by the timer driver */
    EDO_SOURCE_NEVER, /* a deadline of EDO_NEVER: nobody has to keep it */
    EDO_SOURCE_WAIT,  /* for a registered fd to be ready */
    EDO_SOURCE_IO,    /* a registered fd; it stays in the epoll set, and is never ARMED itself */
};

/* 64 bytes, one cache line, where pointers have 64 bits. */
struct edo_source {
    struct edo_list link; /* ARMED: in a list of the reactor's or the timer driver's; DUE: `due` */
    struct edo_waker waker;      /* called once, when the source fires */
    struct edo_reactor *reactor; /* set when first armed */
    uint64_t due_ns;             /* a timer's deadline; an fd's is when it was seen ready */
    uint32_t id;                 /* what strace shows in epoll_data; new with every arming */
    int fd;                      /* valid while ARMED; -1 for timers that have none */
    int result;                  /* from DUE on: the fd's epoll events, a timer's 0; or -errno.
                                    Of an armed timer it is the driver's: where it keeps it */
    uint8_t state;               /* enum edo_source_state */
    uint8_t kind;                /* enum edo_source_kind */
    bool is_relative : 1;        /* a timer that was armed with a duration */
    bool is_outside : 1;         /* a WAIT for what is not of this process */
    uint8_t cause;               /* enum edo_cause_kind: of a WAIT, what ends it */
};

/* Initialises a source, before its first use or anew. Not while it is ARMED or DUE. */
static inline void edo_source_init(struct edo_source *source)
{
    memset(source, 0, sizeof *source);
    edo_list_init(&source->link);
    source->fd = -1;
}

/* Whether it is armed or due. */
static inline bool edo_source_is_pending(const struct edo_source *source)
{
    return source->state == EDO_SOURCE_ARMED || source->state == EDO_SOURCE_DUE;
}

/* Releases at once all that a pending source holds; its waker will not be called. A source that is
 * not pending stays as it is. The caller's fd stays open. */
void edo_source_disarm(struct edo_source *source);

/* Gives a timer another deadline; its waker stays. The timer must have been armed before, and may
 * be pending or not. This is the cheap way for deadlines that move often, as an idle timeout does
 * with each message: with the wheel it makes no system call and mostly reads no clock, nor touches
 * another timer. A deadline that has passed is reported at the next edo_reactor_react.
 * Among equal deadlines this one is now the last.
 *
 * If the kernel refuses the new deadline, the source is due with that error as its result. */
void edo_source_rearm_until(struct edo_source *source, uint64_t deadline_ns);
