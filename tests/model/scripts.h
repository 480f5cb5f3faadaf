/* SPDX-License-Identifier: MIT */
/* scripts.h - small programs of up to three tasks around one object, in every order of polls.
 *
 * A task goes through a script of a few operations on the object: a channel, a semaphore, a
 * notify, a pipe, or a group whose owner is the first task. An operation may also cancel another
 * task, and a script may stand under a shield. Beside it goes a model, which says after each poll
 * how far each task has come, with what results, and who must be ready to be polled.
 *
 * The real executor polls, but of its run queue the test leaves only one task there for a turn: who
 * that is, is a choice. So all orders of polls are gone through, also those that a queue in the
 * order of the wakes does not have. */
#ifndef TESTS_SCRIPTS_H
#define TESTS_SCRIPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "choices.h"

enum { SCRIPTS = 3, OPS_MAX = 2 };

enum object {
    OBJECT_CHANNEL,
    OBJECT_SEMAPHORE,
    OBJECT_NOTIFY,
    OBJECT_PIPE,
    OBJECT_GROUP,
    OBJECTS,
};

enum op {
    OP_SEND,
    OP_RECEIVE,
    OP_TRY_SEND,
    OP_TRY_RECEIVE,
    OP_CLOSE,
    OP_ACQUIRE,
    OP_TRY_ACQUIRE,
    OP_RELEASE,
    OP_WAIT,
    OP_NOTIFY_ONE,
    OP_NOTIFY_ALL,
    OP_READ, /* a page, which is all that the pipe holds */
    OP_WRITE,
    OP_CLOSE_READER,
    OP_CLOSE_WRITER,
    OP_SPAWN, /* the owner of the group: the next member */
    OP_NEXT,
    OP_ALL,
    OP_CANCEL_MEMBERS,
    OP_FAIL,
    OP_YIELD,
    OP_CANCEL_NEXT, /* the task after this one, round the end; */
    OP_CANCEL_LAST, /* the task before it */
    OPS,
};

struct script {
    unsigned count;
    enum op ops[OPS_MAX];
    bool is_stepwise; /* it yields between two operations */
    bool is_shielded;
};

struct program {
    enum object object;
    unsigned capacity; /* of the channel; permits that the semaphore begins with; members */
    unsigned count;
    struct script scripts[SCRIPTS];
};

/* How a script's task is, or how it ended. */
enum script_end { SCRIPT_NEW, SCRIPT_LIVE, SCRIPT_OK, SCRIPT_FAILED, SCRIPT_CANCELLED };

/* How far a script has come. */
struct progress {
    unsigned at;          /* the operation that it stands at */
    int results[OPS_MAX]; /* of those before: 0, a message, a member, -errno; a cancel: 1 if READY
                           */
    enum script_end end;
};

/* A program of at most so many operations. false: one that is the same as another but for the names
 * of its tasks, or that says nothing. */
bool program_make(struct program *program, struct choices *choices, enum object object,
                  unsigned most);

void program_print(const struct program *program, FILE *file);

/* The task that `op` of task `i` cancels. */
unsigned program_target(const struct program *program, unsigned i, enum op op);

/* --- The model -------------------------------------------------------------------------------- */

struct model_task {
    bool is_started;
    bool is_waiting;  /* in its operation, since `arrival` */
    bool is_stepping; /* between two */
    bool is_notified, was_alone;
    bool is_to_be_cancelled; /* when its poll is over */
    bool is_cancelled;       /* that is pending */
    unsigned arrival;
};

struct model {
    const struct program *program;
    struct progress progress[SCRIPTS];
    struct model_task tasks[SCRIPTS];
    unsigned arrivals;
    unsigned polled; /* SCRIPTS: none */
    int messages[SCRIPTS * OPS_MAX];
    unsigned message_count;
    bool is_closed, is_reader_closed;
    bool is_read_drained, is_write_drained; /* as far as is known */
    unsigned permits;
    bool is_remembered;
    unsigned spawned;        /* members */
    unsigned ended[SCRIPTS]; /* members that have ended and were not taken */
    unsigned ended_count;
    bool has_owner_ended;
    bool has_owner_failed;
};

void model_init(struct model *model, const struct program *program);

/* The events of the pipe are collected. */
void model_collect(struct model *model);

/* Task `i` is polled. */
void model_poll(struct model *model, unsigned i);

/* Whether task `i` must be in the run queue. */
bool model_must_be_ready(const struct model *model, unsigned i);

/* --- Running ---------------------------------------------------------------------------------- */

struct schedule_counts {
    uint64_t programs;
    uint64_t left_out; /* made, and not run (program_make) */
    uint64_t schedules;
    uint64_t states; /* polls that no schedule before had led to */
};

/* One program in one schedule, as `choices` say, held against the model. `again`: what to set in
 * the environment to have it alone, but for the choices. */
void schedule_check(struct choices *choices, enum object object, unsigned most, const char *again,
                    struct schedule_counts *counts);

/* The runtime that all of them run on. No timer is in them, so its driver does not matter. */
void schedules_open(void);
void schedules_close(void);

#endif
