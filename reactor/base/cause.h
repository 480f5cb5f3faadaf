/* SPDX-License-Identifier: MIT */
/* cause.h - why a waker is called: what happened, and to which source or task. */
#pragma once

#include <stdint.h>

enum edo_cause_kind {
    EDO_CAUSE_PROGRAM, /* the program's own code called it */
    EDO_CAUSE_TIMER,   /* a deadline has passed; id: the source's */
    EDO_CAUSE_FD,      /* an fd is ready; id: the source's */
    EDO_CAUSE_TASK,    /* a task has ended; id: the task's */
    EDO_CAUSE_CHANNEL, /* a message, room for one, or the end of the channel; id: its number */
    EDO_CAUSE_GROUP,   /* a member of a group has ended; id: the task's */
    EDO_CAUSE_CANCEL,  /* a task was cancelled; id: the task's */
    EDO_CAUSE_YIELD,   /* the task itself, so that others are polled before it */
    EDO_CAUSE_NOTIFY,  /* a permit of a semaphore, or a notify */
    EDO_CAUSE_PEER,    /* this and the three below are not used yet */
    EDO_CAUSE_SIGNAL,
    EDO_CAUSE_CHILD,
    EDO_CAUSE_THREAD,
};

struct edo_cause {
    uint64_t due_ns; /* TIMER: the deadline; FD: when the fd was seen ready; else 0 */
    uint32_t id;
    enum edo_cause_kind kind;
};
