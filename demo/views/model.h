/* SPDX-License-Identifier: MIT */
/* model.h - what a trace says: the one reader of all views.
 *
 *   model_open    reads the whole trace: which tasks, futures and sources there were, when each
 *                 thing happened to them, and of each timer how late its task went on and why
 *   model_seek    goes to a step: who is ready, polled, waiting then, what is armed, at which await
 *                 each future stands
 *
 * A step is the index of an event, counted from the oldest that the trace has. Of what happened
 * before that, nothing is known. Tasks, futures and sources are known by the numbers that the trace
 * has for them.
 *
 * Four times of a timer are told apart: its deadline; when epoll_wait returned, or the kernel was
 * looked at; when its task was woken; when that was polled. From the deadline to the poll it is
 * late, in three parts that add up to the whole:
 *
 *   not_run   the thread was still in epoll_wait: the kernel woke it late, or it was stopped; or it
 *             was to watch the clock, and was stopped in that
 *   held      the thread ran, but did not look at the kernel: a poll held the loop. (A pause of the
 *             thread inside a poll can't be told from a long poll.)
 *   others    the kernel was looked at, but other timers and tasks came first */
#ifndef DEMO_MODEL_H
#define DEMO_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edo.h"

/* Instead of a step: it did not happen, or not while the trace was recorded. */
#define MODEL_NEVER SIZE_MAX

enum model_state { MODEL_UNKNOWN, MODEL_READY, MODEL_POLLED, MODEL_WAITING, MODEL_ENDED };

struct model_task {
    const char *name; /* NULL: the trace knows no such task */
    uint32_t id;
    uint32_t spawner;         /* the task that spawned it, 0 for none */
    uint32_t spawning;        /* and the future in it */
    size_t spawned, ended;    /* steps */
    const char *outcome;      /* "EDO_DONE", "EDO_FAILED", "EDO_CANCELLED"; NULL before the end */
    int error;                /* at the end: errno, or 0 */
    bool is_stuck;            /* nothing could wake it any more, */
    size_t stuck_since;       /* since this step: its last poll was over */
    size_t longest_poll;      /* the step at which it began */
    uint64_t longest_poll_ns; /* and how long it took */

    enum model_state state; /* now */
    size_t since;           /* the step at which it came into that state: the order of queues */
    bool is_urgent;         /* in the run queue, woken by the reactor: before those that are not */
    /* Private: when it was woken last, and after which look at the kernel. */
    size_t woken, woken_after;
    uint32_t unpolled_source;
};

struct model_future {
    const char *type; /* NULL: the trace knows no such future */
    const char *name; /* its own, or its type's */
    uint32_t number;
    uint32_t task;
    uint32_t parent;     /* the future that awaits it; 0: the task's own, or not known */
    size_t began, ended; /* steps */
    const char *outcome; /* as a task's */
    bool has_timer;      /* it has armed one */
    bool has_child;      /* it has awaited another future */

    const char *state; /* now; NULL before its first step */
};

struct model_late {
    uint64_t total_ns; /* from the deadline to the poll */
    uint64_t not_run_ns, held_ns, others_ns;
    uint32_t holder;    /* the task of which one poll took half of held_ns or more, 0 for none */
    uint64_t holder_ns; /* and how much of it */
    uint32_t first;     /* the same of others_ns */
    size_t first_polls; /* how many polls came first */
};

/* Which of the three parts is the largest. */
enum model_fault { MODEL_NOT_RUN, MODEL_HELD, MODEL_OTHERS, MODEL_FAULTS };

struct model_source {
    uint32_t id; /* 0: the trace knows no such source */
    bool is_timer;
    int fd;
    uint32_t task;        /* that armed it, or was woken by it */
    uint32_t future;      /* the leaf future that armed it, 0 if not known */
    uint64_t deadline_ns; /* a timer's */
    /* Steps. Of what was armed before the trace begins, `armed` is MODEL_NEVER. */
    size_t armed, fired, disarmed, woken, polled; /* steps */
    struct model_late late; /* once polled: never if its waker was no task's */

    bool is_armed, is_due; /* now */
    /* Private: the last look at the kernel before it was woken, the task that is to be polled. */
    size_t looked;
    uint32_t expected, next_unpolled;
};

struct model {
    const struct edo_trace *trace;
    const char *refusal; /* why it could not be opened, NULL if it is open */
    size_t count;        /* of events */
    size_t oldest;       /* private: its place in the ring */
    struct model_task *tasks;
    struct model_future *futures;
    struct model_source *sources;
    uint32_t first_task, first_future, first_source; /* the numbers of the first in the arrays */
    uint32_t task_count, future_count, source_count;
    struct model_tally *tallies; /* private: one for each step */
    struct model_poll *longest;  /* private, while it is read */
    size_t longest_count, looked, poll;

    size_t step; /* now: that many events have happened */
    bool is_asleep;
    uint32_t polled; /* the task that is being polled, 0 for none */
};

/* Reads the trace, which must stay and not grow until model_close. It is at step 0 then. false, and
 * a `refusal` in a few words: no memory; or a trace that no run can have recorded, since a file may
 * say anything. Time does not go back, the texts are there that a kind of event always has, and
 * each number has been given in an event. */
bool model_open(struct model *model, const struct edo_trace *trace);
void model_close(struct model *model);

/* Goes to where `step` events have happened. */
void model_seek(struct model *model, size_t step);

/* NULL where the trace knows none of that number. */
struct model_task *model_task(const struct model *model, uint32_t id);
struct model_future *model_future(const struct model *model, uint32_t number);
/* Whether a wake was that of a source: a deadline has passed, an fd is ready, ... */
bool model_is_by_source(const struct edo_trace_event *wake);

struct model_source *model_source(const struct model *model, uint32_t id);

/* "?" for a task that is not known. */
const char *model_task_name(const struct model *model, uint32_t id);

/* Who sleeps on a timer: the nearest future around it that has a name of its own, or its task. */
const char *model_sleeper_name(const struct model *model, const struct model_source *timer);

/* When the step was. MODEL_NEVER: when the trace ends. */
uint64_t model_time(const struct model *model, size_t step);

/* At step `leave` epoll_wait has returned before the first deadline, and the thread has watched the
 * clock until that came: the step at which the timer fired. Else MODEL_NEVER, also where an fd or
 * another thread was first. */
size_t model_watched_until(const struct model *model, size_t leave);

/* The timer that was the latest, NULL if none was polled. */
const struct model_source *model_latest(const struct model *model);

enum model_fault model_fault(const struct model_late *late);

/* Whose fault it was that a timer was late: the largest of the three parts, in words, such as
 * "blocker held the loop 130.0 ms", "the thread did not run", "9999 others came first". */
void model_blame(const struct model *model, const struct model_source *timer, char *text,
                 size_t size);

#endif
