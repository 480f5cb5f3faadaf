/* executor.h - the ready queue, and the loop that polls tasks and then turns the reactor.
 *
 *        +--> 1. poll each task of the ready queue as it stands, once
 *        |        (one that is woken meanwhile waits for the next turn)
 *        |    2. look at the kernel: wait for it, if no task is ready; else only look, and that not
 *        |       in every turn, but after 64 polls or some 10 us, and only if something is armed
 *        |    3. the reactor collects what is due
 *        +--- 4. and calls wakers, which fill the ready queue
 *
 * An executor with nothing to do sleeps in epoll_wait and wakes up zero times. One whose tasks all
 * wait for something that can't come says so: -EDEADLK.
 *
 * Memory: the struct, some 16 KB, is the caller's and must not move while open; the tasks and
 * futures are the caller's too; nothing is allocated. One thread per executor; several executors
 * know nothing of each other. Not across fork(2): the child shares the epoll set, and may only exec
 * or exit. */
#ifndef EDO_EXECUTOR_H
#define EDO_EXECUTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "future.h"
#include "../kernel/reactor.h"
#include "task.h"

struct edo_executor {
    struct edo_reactor reactor;
    struct edo_task_queues queues;
    struct edo_list turn;      /* what is left of the queue that this turn took */
    unsigned polls_since_look; /* polls since the kernel was looked at */
    unsigned polls_at_clock;   /* of these, how many when the clock was read last */
    uint64_t looked_ns;        /* when the kernel was looked at */
    uint64_t clock_ns;         /* what the clock said then */
    bool has_slow_polls;       /* the last few took so long that the clock is read after each */
    uint64_t slow_ns;          /* edo_executor_warn_slow */
    void (*warn_slow)(const char *task, uint64_t took_ns);
    bool is_running;
    bool is_closing; /* shields give way */
};

/* Opens the executor and its reactor; `options` may be NULL. 0, or -errno of edo_reactor_open. */
int edo_executor_open(struct edo_executor *executor, const struct edo_reactor_options *options);

/* Cancels every live task, the latest to wait first, what is under a shield as well, and closes the
 * reactor. Again it does nothing. 0; -EBUSY from inside a poll, or from a cancel that this or a
 * running loop makes. */
int edo_executor_close(struct edo_executor *executor);

/* Hands over a NEW task; it is polled in the next turn. Allowed from inside a poll. 0; -EBUSY: the
 * task is live already; -EINVAL: the task or its future has been used, init them again. */
int edo_executor_spawn(struct edo_executor *executor, struct edo_task *task);

/* Spawns `task` if it is NEW, and runs all tasks until this one has ended; until this returns it
 * must stay. How it ended is its future's outcome. Tasks that are still live then stay, and go on
 * when the executor runs again.
 *
 * 0, or -errno with the task still live: -EDEADLK: no task is ready, and nothing is armed that
 * could wake one (edo_executor_dump tells who waits for what); -EBUSY from inside a poll; -EINVAL:
 * it is a task of another executor; of edo_executor_spawn; of epoll_wait(2). */
int edo_executor_block_on(struct edo_executor *executor, struct edo_task *task);

/* The same until no task is live. */
int edo_executor_run(struct edo_executor *executor);

/* One turn of the loop: turns the reactor, waiting in it if no task is ready; then polls each task
 * that is ready, once. With no task left it does nothing. For who has a loop of his own around it,
 * or wants to look between two turns. 0, or -errno as edo_executor_block_on. */
int edo_executor_turn(struct edo_executor *executor);

/* Has `warn` called after each poll that held the loop for longer than `limit_ns`, on the runtime's
 * clock: with the task's name, which must outlive the poll even if the task ends in it, and the
 * time it took. Costs two readings of the clock for each poll. NULL: no more. */
void edo_executor_warn_slow(struct edo_executor *executor, uint64_t limit_ns,
                            void (*warn)(const char *task, uint64_t took_ns));

/* The live task of that name; of several, the one being polled, else the first in the ready queue,
 * else the one that has waited longest; NULL: there is none. */
struct edo_task *edo_executor_find(const struct edo_executor *executor, const char *name);

/* A line for each live task: its name and its chain of awaits, down to the first that is not one
 * single future (an edo_join ends the chain). It only reads the structs, so it can be called from
 * anywhere, a poll included. */
void edo_executor_dump(const struct edo_executor *executor, FILE *file);

#endif
