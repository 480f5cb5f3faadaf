/* SPDX-License-Identifier: MIT */
/* executor.h - the run queue, and the loop that turns wakes into polls.
 *
 * One turn:
 *   1. Look at the kernel: wait for it, if no task is ready; else only look, and that not in every
 *      turn, but once some 10 us have passed since the last look, and only if something is armed.
 *   2. The reactor collects what is due,
 *   3. and calls wakers, which fill the run queue.
 *   4. Poll each task of the run queue as it stands, once. A task that is woken meanwhile waits for
 *      the next turn.
 *
 * An executor with nothing to do sleeps in epoll_wait and wakes up zero times. One whose tasks all
 * wait for something that can't come says so: -EDEADLK. Beside busy tasks a timer is seen late by
 * at most the longest turn plus 10 us.
 *
 * Memory: the struct, some 20 KB, is the caller's and must not move while open; the tasks and
 * futures are the caller's too; nothing is allocated. One thread per executor; several executors
 * know nothing of each other. After fork(2) the child may only close it, exec or exit. */
#pragma once

#include "../kernel/reactor.h"
#include "layout.h"
#include "task.h"

struct edo_executor {
    struct edo_reactor reactor;
    struct edo_list ready;   /* the run queue, in the order of the wakes */
    struct edo_list turn;    /* what is left of the run queue that this turn took */
    struct edo_list waiting; /* the longest waiting first */
    struct edo_list asked;   /* tasks that were asked to be cancelled by the cancel of another */
    struct edo_task *polled; /* the task being polled, or NULL; when WOKEN, it is in `ready` too */
    uint32_t last_id;        /* of a task */
    struct edo_ticks since_look;
    uint64_t slow_ns; /* edo_executor_warn_slow */
    void (*warn_slow)(const char *task, uint64_t took_ns);
    bool is_running;
    bool is_cancelling;
    bool is_closing;                 /* shields give way */
    const struct edo_layout *layout; /* for who looks in from outside */
};

/* Opens the executor and its reactor; `options` may be NULL. 0, or -errno of edo_reactor_open. */
int edo_executor_open(struct edo_executor *executor, const struct edo_reactor_options *options);

/* Cancels every live task, the latest to wait first, what is under a shield as well, and closes the
 * reactor. Again it does nothing. A joiner that is called meanwhile may free or reuse its task, but
 * not spawn one. In a process that was forked from the opener, it changes nothing in the epoll set,
 * which the two share. 0; -EBUSY from inside a poll or a cancel. */
int edo_executor_close(struct edo_executor *executor);

/* Hands over a NEW task; it is polled in the next turn. Allowed from inside a poll. 0; -EBUSY: the
 * task is live already; -EINVAL: the task or its future has been used, init them again; -ESHUTDOWN:
 * the executor is closing or closed. */
int edo_executor_spawn(struct edo_executor *executor, struct edo_task *task);

/* Spawns `task` if it is NEW, and runs all tasks until this one has ended; until this returns it
 * must stay. How it ended is its future's error and outcome. Tasks that are still live then stay,
 * and go on when the executor runs again.
 *
 * 0, or -errno with the task still live: -EDEADLK: no task is ready, and nothing is armed that
 * could wake one (edo_executor_dump tells who waits for what); -EBUSY from inside a poll or a
 * cancel; -EINVAL: it is a task of another executor; of edo_executor_spawn; of edo_reactor_react.
 */
int edo_executor_block_on(struct edo_executor *executor, struct edo_task *task);

/* The same until no task is live. */
int edo_executor_run(struct edo_executor *executor);

/* One turn, which waits if no task is ready. With no task left it does nothing. For who has a loop
 * of his own around it, or wants to look between two turns. 0, or -errno as edo_executor_block_on.
 */
int edo_executor_turn(struct edo_executor *executor);

/* Has `warn` called after each poll that held the loop for longer than `limit_ns`, on the runtime's
 * clock: with the task's name, which must outlive the poll even if the task ends in it, and the
 * time it took. Costs two readings of the clock for each poll. NULL: no more. */
void edo_executor_warn_slow(struct edo_executor *executor, uint64_t limit_ns,
                            void (*warn)(const char *task, uint64_t took_ns));

/* For views: the live task that comes after `task`, the first if that is NULL; NULL after the last.
 * First comes the one being polled, then the run queue, then those that wait, the longest first.
 * Nothing may be woken, spawned or cancelled between two calls. */
const struct edo_task *edo_executor_next_task(const struct edo_executor *executor,
                                              const struct edo_task *task);

/* A line for each live task: its name and its chain of awaits, down to the first that is not one
 * single future (an edo_join ends the chain); and a line if an fd was closed while it was watched.
 * It only reads the structs, so it can be called from anywhere, a poll included. */
void edo_executor_dump(const struct edo_executor *executor, FILE *file);
