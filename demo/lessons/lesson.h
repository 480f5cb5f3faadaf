/* SPDX-License-Identifier: MIT */
/* lesson.h - what the lessons share: the frame that runs one, and the work that is done in them.
 *
 *   question, look at --> spawn the lesson's tasks --> run until none is live --> timeline, answer
 *
 * The work is sleeping: a lesson is about who waits for whom. Memory: the caller's, and static,
 * since the timeline is printed when all tasks have ended and shows their names.
 *
 * A lesson includes this, and with it the runtime, `say` and the errors by name. */
#ifndef DEMO_LESSONS_LESSON_H
#define DEMO_LESSONS_LESSON_H

#include <errno.h> /* IWYU pragma: export */
#include <stdbool.h>
#include <stdint.h>

#include "edo.h"        /* IWYU pragma: export */
#include "errno_name.h" /* IWYU pragma: export */
#include "say.h"        /* IWYU pragma: export */

/* What it prints before it runs, and after. Each lesson defines its own; `make lessons` reads the
 * questions from the sources, where each has to stand in one line. */
extern const struct lesson {
    const char *question;
    const char *look_at;
    const char *answer;
    bool is_virtual;                            /* on the virtual clock, whatever the options say */
    int (*open)(struct edo_executor *executor); /* what its tasks use; 0 or -errno; or NULL */
    int (*run)(struct edo_executor *executor);  /* instead of edo_executor_run; or NULL */
    void (*close)(void);                        /* after the run, if that was opened; or NULL */
} lesson;

/* A task of a lesson, and how it is to end. */
struct lesson_task {
    const char *name;
    struct edo_future *future;
    int wanted; /* 0: done; -ECANCELED; -EDEADLK: waits for ever; else it fails with that error */
    struct edo_task task;
};

/* The whole program (program.h), with the options that a lesson takes. The exit status is 0 only if
 * the tasks ended as wanted, no sleep was refused by the kernel, and all that was printed has
 * arrived; or if somebody who stepped has quit. */
int lesson_main_tasks(int argc, char **argv, struct lesson_task *tasks, size_t count);

/* The same for one task, "main": makes `root` a future of that type, which is to end as wanted. */
int lesson_main(int argc, char **argv, struct edo_future *root, const struct edo_future_type *type,
                int wanted);

/* A heading in the output and a line in the timeline: from here on it is about this. */
void lesson_phase(struct edo_context *cx, const char *name);

/* edo_task_init and edo_executor_spawn, of which a lesson makes no use that could fail (asserted).
 */
void lesson_spawn(struct edo_context *cx, struct edo_task *task, const char *name,
                  struct edo_future *future);

/* Holds the thread as a blocking call would: until the time has passed, nobody is polled. On the
 * virtual clock it sets the clock forward. */
void lesson_block(struct edo_context *cx, uint64_t duration_ns);

/* A future that says when it starts, and when it is completed, failed or cancelled.
 *
 *   EDO_START --first poll--> WORK_AWAITS_SLEEP --duration--> EDO_DONE, or EDO_FAILED
 *
 * Value: the struct work itself. Error: `told_error`, or its sleep's. */
struct work {
    struct edo_future future;
    const char *name;       /* set by init */
    uint64_t duration_ns;   /* set by init */
    int told_error;         /* 0 from init: the -errno to fail with when the time has passed */
    struct edo_sleep sleep; /* valid while awaited */
};

void work_init(struct work *work, const char *name, uint64_t duration_ns);

/* A future that calls a function when some time has passed: for what comes from elsewhere.
 *
 *   EDO_START --first poll--> LATER_AWAITS_TIME --duration, call--> EDO_DONE, or EDO_FAILED
 *
 * No value. Error: its sleep's, and then there is no call. */
struct later {
    struct edo_future future;
    void (*call)(struct edo_context *cx, void *data); /* set by init */
    void *data;                                       /* set by init */
    struct edo_sleep sleep;
};

void later_init(struct later *later, uint64_t duration_ns,
                void (*call)(struct edo_context *cx, void *data), void *data);

/* A future that says of each tick how late it is, and ends with the last: for what others do to it.
 *
 *   EDO_START --first poll--> TICKER_AWAITS_TICK --so many--> EDO_DONE */
struct ticker {
    struct edo_future future;
    uint64_t period_ns; /* set by init */
    unsigned count;     /* set by init */
    unsigned ticks;
    uint64_t began_ns;
    struct edo_interval interval;
};

void ticker_init(struct ticker *ticker, uint64_t period_ns, unsigned count);

/* A future that hands its child to the executor and waits for it, so that the child is a task of
 * its own and has a row in the timeline. If it is cancelled, so is the task.
 *
 *   EDO_START --first poll--> SPAWNED_AWAITS_TASK --it ended--> how the child ended */
struct spawned {
    struct edo_future future;
    const char *name;         /* set by init */
    struct edo_future *child; /* set by init */
    struct edo_task task;     /* valid from the first poll on */
    struct edo_join_tasks join;
};

void spawned_init(struct spawned *spawned, const char *name, struct edo_future *child);

#endif
