/* SPDX-License-Identifier: MIT */
/* executor.h - the run queue, and the loop that turns wakes into polls.
 *
 * One turn:
 *   1. Look at the kernel. If no task is ready, wait there until something is due. Else look
 *      without waiting, and only if something is armed and some 10 us have passed since the last.
 *   2. The reactor collects what is due,
 *   3. and calls wakers, which fill the run queue. Whom the reactor wakes comes before those who
 *      are ready already.
 *   4. Poll each task of the run queue as it stands, once. A task that is woken meanwhile waits for
 *      the next turn. Unless a timer wakes it: with the wheel, the clock is looked at once in 10 us
 *      between two polls, and whom that wakes is polled next.
 *
 * In which order step 4 polls those that the reactor has not woken is left open, and so is the
 * order in which the fds of one look wake; that of timers is not. Today it is the order of the
 * wakes, and the kernel's. tests/schedules/ draws both from a seed.
 *
 * An executor with nothing to do sleeps in epoll_wait and wakes up zero times. If all tasks wait
 * for something that can't come, the loop ends with -EDEADLK. Beside busy tasks a timer's task is
 * polled late by at most the longest poll plus 10 us, and the polls of those whom the reactor has
 * woken before it; with edo_timer_fd, and where an fd is waited for, by the longest turn plus 10
 * us.
 *
 * Memory: the struct, some 20 KB, is the caller's and must not move while open; the tasks and
 * futures are the caller's too; nothing is allocated. One thread per executor; several executors
 * know nothing of each other. After fork(2) the child may only close it, exec or exit. */
#pragma once

#include "../kernel/reactor.h"
#include "layout.h"
#include "task.h"

/* EDO_BUDGET operations that were ready at once may a task have in one poll; one that moves many
 * bytes counts as one for each EDO_BYTES_OF_ONE. Then what would be ready is PENDING, and ready in
 * the task's next poll. The children of a join share it, but each has one in any case, so that a
 * poll of a join of n may have n more; a future of the program's own that polls several should not
 * begin with the same one each time. */
enum { EDO_BUDGET = 128, EDO_BYTES_OF_ONE = 512 };

struct edo_executor {
    struct edo_reactor reactor; /* opened and closed with it */
    struct edo_list ready;      /* the run queue, in the order of the wakes */
    struct edo_list urgent;     /* the part of it that comes first: woken by the reactor */
    struct edo_list live;       /* all live tasks, in the order of spawning */
    struct edo_list asked;      /* tasks that are to be cancelled by the cancel that is going on */
    struct edo_list *last_of_turn; /* in `ready`, which itself stands for: none is left */
    struct edo_task *polled; /* the task being polled, or NULL; WOKEN, it is in a queue as well */
    uint32_t last_id;        /* of a task */
    uint32_t polls;          /* of all tasks, so far */
    uint8_t cancels;         /* of tasks, not inside each other, so far; after 255 comes 1 */
    uint32_t budget;         /* ready operations that the task being polled has left */
    struct edo_ticks since_look; /* the time since the last look at the kernel */
    uint64_t slow_ns;            /* of edo_executor_warn_slow */
    void (*warn_slow)(const char *task, uint64_t took_ns); /* of edo_executor_warn_slow, too */
    bool is_look_due;   /* TIME_PER_LOOK has passed, and only the timers were looked at */
    bool is_running;    /* inside a turn */
    bool is_stopped;    /* edo_executor_stop, and the loop has not ended yet */
    bool is_cancelling; /* inside a cancel of a task */
    bool meets_polled;  /* the cancel of a task: for one that is being polled */
    bool meets_outer;   /* and for one that is itself being cancelled, further out */
    bool is_closing;    /* shields give way */
    const struct edo_layout *layout; /* for who looks in from outside */
};

/* Opens the executor and its reactor; `options` may be NULL. Returns 0, or -errno
 * as edo_reactor_open. */
int edo_executor_open(struct edo_executor *executor, const struct edo_reactor_options *options);

/* Cancels every live task, first the one that was spawned last, then closes the reactor. Shields
 * do not protect what is under them. Once it is closed, this does nothing. A joiner that is called
 * meanwhile may free or reuse its task, but not spawn one. In a process that was forked from the
 * opener, the epoll set, which the two share, stays as it is. Returns 0, or -errno. -EBUSY: the
 * call comes from inside a poll or a cancel. */
int edo_executor_close(struct edo_executor *executor);

/* Puts a NEW task into the run queue; it is polled in the next turn. Allowed from inside a poll.
 * Returns 0, or -errno. -EBUSY: the task is live already; -EINVAL: the task or its future has been
 * used, init them again; -ESHUTDOWN: the executor is closing or closed. */
int edo_executor_spawn(struct edo_executor *executor, struct edo_task *task);

/* Spawns `task` if it is NEW, and runs all tasks until `task` has ended. `task` must stay until the
 * call returns. How it ended: edo_future_error and edo_future_outcome of its future. Other tasks
 * that are still live go on when the executor runs again.
 *
 * Returns 0, or -errno, with the task still live. -EDEADLK: no task is ready, and nothing is armed
 * that could wake one (edo_executor_dump tells who waits for what); -EBUSY: the call comes from
 * inside a poll or a cancel; -EINVAL: it is a task of another executor; -EINTR: edo_executor_stop
 * was called; else as edo_executor_spawn, edo_reactor_react. */
int edo_executor_block_on(struct edo_executor *executor, struct edo_task *task);

/* Runs all tasks until none is live. Returns 0, or -errno as edo_executor_block_on. */
int edo_executor_run(struct edo_executor *executor);

/* One turn; it waits if no task is ready. With no live task it does nothing. For a program that has
 * a loop of its own around the turns, or looks at the tasks between two of them. Returns 0, or
 * -errno as edo_executor_block_on. */
int edo_executor_turn(struct edo_executor *executor);

/* === From here on: the evening ================================================================ */

/* Has the running edo_executor_block_on, _run or _turn return -EINTR when this turn is over; tasks
 * stay live, and go on when the executor runs again. From inside a poll or a waker; elsewhere it
 * does nothing. */
void edo_executor_stop(struct edo_executor *executor);

/* --- In a loop that is not edo's ---------------------------------------------------------------
 *
 *   for (;;) {
 *       ready = edo_executor_prepare(executor);
 *       poll edo_reactor_fd(&executor->reactor) for POLLIN, without
 *           waiting if `ready` is 1; leave it out if `ready` is negative
 *       edo_executor_turn_now(executor), if `ready` is 1 or the fd is readable
 *   }
 *
 * tests/loops/ has this for the loops of sd-event, GLib and libuv. */

/* As edo_reactor_prepare. Returns 0: wait; 1: something is due or a task is ready, have a turn at
 * once; or -errno. -EBUSY: the call comes from inside a poll or a cancel; -EDEADLK: nothing could
 * ever end the wait, or no task is left, which is no error to a loop from which a task may be
 * spawned or woken later; else as edo_reactor_prepare. */
int edo_executor_prepare(struct edo_executor *executor);

/* One turn that doesn't wait. Returns 0, or -errno as edo_executor_turn. */
int edo_executor_turn_now(struct edo_executor *executor);

/* After each poll that took longer than `limit_ns` on the runtime's clock, `warn` is called, with
 * the name of the task and the time that the poll took. The name must outlive the poll, even if the
 * task ends in it. Each poll then costs two readings of the clock. NULL turns it off. */
void edo_executor_warn_slow(struct edo_executor *executor, uint64_t limit_ns,
                            void (*warn)(const char *task, uint64_t took_ns));

/* For views. Nothing may be woken, spawned or cancelled between two calls. Returns the live task
 * that comes after `task`; the first one if `task` is NULL; NULL after the last. First comes the
 * one being polled, then the run queue, then those that wait, in the order of spawning. */
const struct edo_task *edo_executor_next_task(const struct edo_executor *executor,
                                              const struct edo_task *task);

/* Writes a line for each live task: its name and its chain of awaits. The chain ends at a future
 * that awaits several at once, as an edo_join does. If an fd was closed while it was watched, a
 * line says which. It only reads the structs, so it can be called from anywhere, a poll too. */
void edo_executor_dump(const struct edo_executor *executor, FILE *file);
