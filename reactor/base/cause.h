/* SPDX-License-Identifier: MIT */
/* cause.h - why a waker is called: what happened, and to which source or task. */
#pragma once

#include <stdint.h>

enum edo_cause_kind {
    EDO_CAUSE_PROGRAM, /* the program's own code called it */
    EDO_CAUSE_TIMER,   /* a deadline has passed; id: the source's */
    EDO_CAUSE_FD,      /* an fd of somebody else's is ready; id: the source's */
    EDO_CAUSE_TASK,    /* a task has ended; id: the task's */
    EDO_CAUSE_CHANNEL, /* a message, room for one, or the end of the channel; id: its number */
    EDO_CAUSE_GROUP,   /* a member of a group has ended; id: the task's */
    EDO_CAUSE_CANCEL,  /* a task was cancelled; id: the task's */
    EDO_CAUSE_YIELD,   /* the task itself, so that others are polled before it */
    EDO_CAUSE_NOTIFY,  /* a permit of a semaphore, or a notify */
    EDO_CAUSE_PEER,    /* a registered fd is ready, by its other end; id: the source's, here and
                          below */
    EDO_CAUSE_SIGNAL,  /* a signal has come */
    EDO_CAUSE_CHILD,   /* a child process has ended */
    EDO_CAUSE_THREAD,  /* another thread has posted a notice */
};

/* What a waker is told. */
struct edo_cause {
    uint64_t due_ns;          /* TIMER: the deadline; other sources: when it was seen; else 0 */
    uint32_t id;              /* as the kind says; else 0 */
    enum edo_cause_kind kind; /* what happened */
};
