/* SPDX-License-Identifier: MIT */
/* child.h - runs another program and awaits its end, by a pidfd.
 *
 *   EDO_START --> CHILD_AWAITS_END --the child ended--> EDO_DONE
 *                      |
 *                      +--cancel--> SIGKILL; pending until the child is reaped
 *
 * No handler of SIGCHLD is used, so two runtimes in a process don't disturb each other. What does:
 * SIGCHLD ignored (signal(7)) or a waitpid(-1) elsewhere in the program takes the child's status
 * away; then the wait fails.
 *
 * posix_spawn(3) takes memory for itself while it runs. On a virtual clock time stands still while
 * a child lives. A process that was forked meanwhile may close the struct: that only closes fds.
 *
 * Memory: the caller's; from spawn to close it must not move. */
#pragma once

#include <sys/types.h>

#include "stream.h"

struct edo_child_options {
    const char *path;  /* searched for as execvp(3) does */
    char *const *argv; /* ends with NULL; argv[0] too is the caller's to give */
    char *const *envp; /* NULL: this process's own */
    bool has_pipe[3];  /* of its fds 0, 1 and 2: joined to a pipe, else inherited */
};

struct edo_child {
    pid_t pid;                    /* -1: there is none that has to be waited for */
    int status;                   /* once it has ended: its exit status, or 128 + the signal */
    int error;                    /* of the wait for it, -errno; 0: none */
    struct edo_io pidfd;          /* readable once it has ended */
    struct edo_io stdio[3];       /* this side of its pipes; closed: it has none */
    struct edo_reactor *reactor;  /* set by spawn */
    struct edo_waker pidfd_waker; /* of the pidfd's own; it is called by the child's */
    pid_t parent;                 /* the process that started it */
    bool holds_time;              /* it lives, as far as is known, and virtual time stands still */
};

/* Starts the program, with no signal blocked and SIGPIPE as it usually is. After an error there is
 * no child and no fd. Returns 0, or -errno. -ENOSYS: this kernel has no pidfd_open(2); else as
 * pidfd_open(2), pipe2(2), posix_spawn(3), edo_io_open. */
int edo_child_spawn(struct edo_child *child, struct edo_reactor *reactor,
                    const struct edo_child_options *options);

/* Sends it a signal. Returns 0, or -errno. -ESRCH: it has been waited for, or it is not a child of
 * this process, which was forked since; else as kill(2). */
int edo_child_kill(const struct edo_child *child, int signal);

/* Kills the child if it still lives, waits for that, and closes its pipes. One that may not be
 * killed any more, since it has become another user's, is waited for as long as it takes; so it is
 * where an executor is closed. Again it does nothing. */
void edo_child_close(struct edo_child *child);

struct edo_child_wait {
    struct edo_operation operation;      /* await operation.future */
    struct edo_child *child;             /* set by init */
    const struct edo_executor *executor; /* set by the first poll */
};

/* Waits for its end and reaps it. A cancel kills the child, and is pending until it is reaped;
 * closing the executor waits for that. Before its first poll it leaves the child alone. Result:
 * &child->status. -ECHILD: somebody else has reaped it; else as struct edo_operation. */
void edo_child_wait_init(struct edo_child_wait *wait, struct edo_child *child);
