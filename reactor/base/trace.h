/* SPDX-License-Identifier: MIT */
/* trace.h - what the runtime did, in the order in which it did it: the one record that views read.
 *
 * A ring of events in the caller's memory. Recording makes no system call and allocates nothing.
 * When the ring is full, each new event overwrites the oldest. Without a trace, each place that
 * would record costs one branch. The runtime records into the trace that its reactor was opened
 * with. */
#pragma once

#include <stdio.h>

#include "clock.h"

/* EDO_TRACE_VERSION is the version of the format: of what the members of an event mean, and of the
 * file. A reader refuses a file of another version. */
enum { EDO_TRACE_VERSION = 2 };

/* In brackets: what the members of the event mean. Else `task` is the one that is being polled or
 * cancelled; 0 for none. A future has a number from its first event on. */
enum edo_trace_kind {
    EDO_TRACE_SPAWN,      /* a task [task] was spawned [other: by which task; arg: by which future;
                             name] */
    EDO_TRACE_STATE,      /* a future of `task` [other: its number] went on [from, to; name: its
                             type's; in its first event, arg: the number of the future that awaits
                             it, 0 for the task's own future] */
    EDO_TRACE_NAME,       /* a future [other: its number] has a name of its own [name; arg: as in
                             STATE, since this may be its first event] */
    EDO_TRACE_ARM,        /* a source was armed [other: its id; fd; arg: deadline, 0 for an fd] */
    EDO_TRACE_DISARM,     /* a source was disarmed before its waker was called [other: its id] */
    EDO_TRACE_FIRE,       /* a source came due [other: its id; arg: its due_ns] */
    EDO_TRACE_WAKE,       /* a task [task] was woken [other: by which task, 0 for the reactor;
                             from: the kind of cause; arg: the cause's id; to: "again" if it is in
                             the run queue already, where a source puts it before the others] */
    EDO_TRACE_POLL_BEGIN, /* a task is polled [task] */
    EDO_TRACE_POLL_END,   /* the poll is over [task; to: PENDING or READY] */
    EDO_TRACE_DONE,       /* a task ended [task; to: its future's state; arg: its errno] */
    EDO_TRACE_CANCEL,     /* a task is cancelled [task; other: by which task] */
    EDO_TRACE_ENTER,      /* the thread goes to sleep in epoll_wait */
    EDO_TRACE_LEAVE,      /* epoll_wait has returned, nothing is collected yet [arg: how many
                             sources are pending] */
    EDO_TRACE_STUCK,      /* no task is ready, and nothing is armed that could wake one */
    EDO_TRACE_PHASE,      /* the program says that a phase begins [name] */
    EDO_TRACE_LOST,       /* an fd was closed while it was watched [other: the source's id; fd] */
};

/* The texts live as long as the program or the task; NULL for none. */
struct edo_trace_event {
    uint64_t t_ns;            /* on the runtime's clock */
    uint64_t arg;             /* a number, as the kind says */
    const char *name;         /* of what the kind says */
    const char *from;         /* the state before; of a wake, its cause */
    const char *to;           /* the state after */
    uint32_t task;            /* the id of the task, 0 for none */
    uint32_t other;           /* another task, a future or a source, as the kind says */
    int fd;                   /* of the source; -1 for none */
    enum edo_trace_kind kind; /* what happened */
};

/* What the reactor did beneath the events, for who wants to see that, too: a system call that it
 * has made; or "wheel": the timing wheel's time is `arg` now; or "stays": the timer that is armed
 * next stays in its slot of the wheel, which begins at `arg`. The arguments of a call that tell
 * something, in brackets; `fd` is -1 where a call has none:
 *
 *   epoll_create1, eventfd, timerfd_create, close
 *   timerfd_settime   [fd; how: the flags; arg: in ns, 0 disarms]
 *   epoll_ctl         [fd; how: the operation; arg: the id]
 *   epoll_wait        [how: the timeout]
 *   read              [fd, a timerfd] */
struct edo_trace_note {
    uint64_t event;   /* how many events were recorded before it */
    uint64_t arg;     /* as the name says */
    const char *name; /* of the call, or of what the wheel did */
    int fd;           /* -1 for none */
    int how;          /* as the name says */
    int result;       /* or -errno */
};

struct edo_trace {
    struct edo_trace_event *events; /* the caller's */
    size_t capacity;                /* how many events there is room for */
    uint64_t recorded;              /* events in all; those beyond the capacity were dropped */
    const struct edo_clock *clock;  /* set by the reactor; NULL: all times are 0 */
    uint32_t task;                  /* the task being polled or cancelled, 0 for none */
    uint32_t last_number;           /* the last that a future got */
    struct edo_trace_note *notes;   /* the caller's; NULL: no notes are kept */
    size_t note_capacity;           /* how many notes there is room for */
    uint64_t noted;                 /* as `recorded` */
};

/* An empty trace that keeps the last `capacity` events in `events`. `capacity` is not 0. `events`
 * must outlive the reactor that is opened with the trace. */
static inline void edo_trace_init(struct edo_trace *trace, struct edo_trace_event *events,
                                  size_t capacity)
{
    trace->events = events;
    trace->capacity = capacity;
    trace->recorded = 0;
    trace->clock = NULL;
    trace->task = 0;
    trace->last_number = 0;
    trace->notes = NULL;
    trace->note_capacity = 0;
    trace->noted = 0;
}

/* Keeps notes as well, in a ring of their own. Before the reactor is opened; `capacity` is not 0,
 * and `notes` must outlive the reactor. */
static inline void edo_trace_keep_notes(struct edo_trace *trace, struct edo_trace_note *notes,
                                        size_t capacity)
{
    trace->notes = notes;
    trace->note_capacity = capacity;
}

/* Records that the phase `name` begins. `trace` may be NULL. */
void edo_trace_phase(struct edo_trace *trace, const char *name);

/* How many events were dropped, the oldest first. */
static inline uint64_t edo_trace_dropped(const struct edo_trace *trace)
{
    return trace->recorded > trace->capacity ? trace->recorded - trace->capacity : 0;
}

/* How many events are in the ring. */
static inline size_t edo_trace_count(const struct edo_trace *trace)
{
    return (size_t)(trace->recorded - edo_trace_dropped(trace));
}

/* The i-th event in the ring, counted from 0, the oldest first. */
static inline const struct edo_trace_event *edo_trace_at(const struct edo_trace *trace, size_t i)
{
    return &trace->events[(edo_trace_dropped(trace) + i) % trace->capacity];
}

/* How many notes were dropped, the oldest first. */
static inline uint64_t edo_trace_notes_dropped(const struct edo_trace *trace)
{
    return trace->noted > trace->note_capacity ? trace->noted - trace->note_capacity : 0;
}

/* How many notes are in their ring. */
static inline size_t edo_trace_note_count(const struct edo_trace *trace)
{
    return (size_t)(trace->noted - edo_trace_notes_dropped(trace));
}

/* The i-th note in the ring, counted from 0, the oldest first. */
static inline const struct edo_trace_note *edo_trace_note_at(const struct edo_trace *trace,
                                                             size_t i)
{
    return &trace->notes[(edo_trace_notes_dropped(trace) + i) % trace->note_capacity];
}

/* The name of a kind, as it stands in the file: "spawn", "state", ... */
const char *edo_trace_kind_name(enum edo_trace_kind kind);

/* Writes the trace as tab-separated values, in the format that reactor/README.md describes. The
 * struct of the reactor that was opened with the trace must still be there: the clock is in it.
 * Errors are the stream's (ferror(3)). */
void edo_trace_write(const struct edo_trace *trace, FILE *file);
