/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* environ, pipe2, syscall */
#endif

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kernel/timer_driver.h"
#include "../task/executor.h"
#include "operation.h"

/* glibc has had a function for it since 2.36 only. */
static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* --- Virtual time ----------------------------------------------------------------------------- */

static void hold_time(struct edo_child *child)
{
    child->holds_time = true;
    child->reactor->outside++;
}

/* A reactor that has been closed has let go of the pidfd, and may be somebody else's memory now. */
static void let_time_pass(struct edo_child *child)
{
    if (child->holds_time && !edo_list_is_empty(&child->pidfd.registered.link))
        child->reactor->outside--;
    child->holds_time = false;
}

/* Called while events are being collected. That of a pidfd means that the child has ended; whoever
 * is to wait for it may be asleep until later. */
static void note_end(void *data, struct edo_cause cause)
{
    struct edo_child *child = data;

    let_time_pass(child);
    edo_wake_because(child->pidfd_waker, cause);
}

/* --- Starting --------------------------------------------------------------------------------- */

/* The ends of a pipe for one of the child's fds. */
enum { OURS, ITS, ENDS };

static void close_pipes(int pipes[][ENDS])
{
    for (int i = 0; i < 3 * ENDS; i++)
        if (pipes[i / ENDS][i % ENDS] >= 0)
            close(pipes[i / ENDS][i % ENDS]);
}

/* The child reads its fd 0 and writes the others. */
static int open_pipes(int pipes[][ENDS], const bool *has_pipe)
{
    for (int i = 0; i < 3; i++) {
        int ends[2];

        if (!has_pipe[i])
            continue;
        if (pipe2(ends, O_CLOEXEC) < 0)
            return -errno;
        pipes[i][OURS] = ends[i == 0];
        pipes[i][ITS] = ends[i != 0];
    }
    return 0;
}

static int spawn_program(struct edo_child *child, const struct edo_child_options *options,
                         int pipes[][ENDS])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, sigpipe;
    int error = 0;

    sigemptyset(&none);
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &sigpipe);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3 && !error; i++)
        if (pipes[i][ITS] >= 0)
            error = posix_spawn_file_actions_adddup2(&actions, pipes[i][ITS], i);
    if (!error)
        error = posix_spawnp(&child->pid, options->path, &actions, &attributes, options->argv,
                             options->envp != NULL ? options->envp : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error)
        child->pid = -1;
    return -error;
}

/* Registers the pidfd and our ends of the pipes; what is registered is closed with the child. */
static int register_all(struct edo_child *child, int pipes[][ENDS])
{
    int fd = open_pidfd(child->pid);
    int error = fd < 0 ? -errno : edo_io_open(&child->pidfd, child->reactor, fd);

    if (error && fd >= 0)
        close(fd);
    child->pidfd.waits[EDO_READ].cause = EDO_CAUSE_CHILD;
    child->pidfd_waker = child->pidfd.registered.waker;
    child->pidfd.registered.waker = (struct edo_waker){note_end, child};
    for (int i = 0; i < 3 && !error; i++) {
        if (pipes[i][OURS] < 0)
            continue;
        error = edo_io_open(&child->stdio[i], child->reactor, pipes[i][OURS]);
        if (!error)
            pipes[i][OURS] = -1;
    }
    return error;
}

int edo_child_spawn(struct edo_child *child, struct edo_reactor *reactor,
                    const struct edo_child_options *options)
{
    int pipes[3][ENDS] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int probe = open_pidfd(getpid()); /* before there is a child that nobody could wait for */
    int error;

    *child = (struct edo_child){.pid = -1, .reactor = reactor, .parent = getpid()};
    if (probe < 0)
        return -errno;
    close(probe);
    error = open_pipes(pipes, options->has_pipe);
    if (!error)
        error = spawn_program(child, options, pipes);
    if (!error)
        error = register_all(child, pipes);
    close_pipes(pipes);
    if (error)
        edo_child_close(child);
    else
        hold_time(child);
    return error;
}

/* By the pidfd: if somebody else has reaped it, its pid may be a stranger's by now. */
int edo_child_kill(const struct edo_child *child, int signal)
{
    int fd = edo_io_fd(&child->pidfd);

    if (child->pid <= 0 || child->parent != getpid())
        return -ESRCH;
    if (fd >= 0 && syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0)
        return 0;
    if (fd >= 0 && errno != ENOSYS)
        return -errno;
    return kill(child->pid, signal) < 0 ? -errno : 0; /* it was started just now; or a filter */
}

/* --- Its end ---------------------------------------------------------------------------------- */

/* Not every libc has its name. */
enum { BY_PIDFD = 3 };

/* A pidfd that does not block says EAGAIN where the child lives (waitid(2)); then it has not been
 * reaped, and its pid is its own. */
static int wait_for(const struct edo_child *child, siginfo_t *info, int options)
{
    int fd = edo_io_fd(&child->pidfd);
    int result = -1;

    if (fd >= 0)
        result = waitid((idtype_t)BY_PIDFD, (id_t)fd, info, WEXITED | options);
    if (fd < 0 || (result < 0 && errno == EAGAIN))
        result = waitid(P_PID, (id_t)child->pid, info, WEXITED | options);
    return result;
}

/* `options`: WNOHANG, or 0 to wait. 0: it lives; 1: it has been reaped; -errno. */
static int reap(struct edo_child *child, int options)
{
    siginfo_t info = {0};
    int result;

    do
        result = wait_for(child, &info, options);
    while (result < 0 && errno == EINTR);
    if (result == 0 && info.si_pid == 0)
        return 0;
    result = result < 0 ? -errno : 1;
    child->error = result < 0 ? result : 0;
    child->status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    child->pid = -1;
    let_time_pass(child);
    return result;
}

void edo_child_close(struct edo_child *child)
{
    if (child->pid > 0) {
        edo_child_kill(child, SIGKILL);
        reap(child, 0);
    }
    for (int i = 0; i < 3; i++)
        edo_io_close(&child->stdio[i]);
    edo_io_close(&child->pidfd);
}

/* --- Waiting for it --------------------------------------------------------------------------- */

static struct edo_child_wait *child_wait_of(struct edo_future *future)
{
    return edo_container_of(future, struct edo_child_wait, operation.future);
}

static enum edo_attempt child_try(struct edo_operation *operation, int *error)
{
    struct edo_child *child = child_wait_of(&operation->future)->child;
    int result = child->pid >= 0 ? reap(child, WNOHANG) : child->error != 0 ? child->error : 1;

    if (result == 0)
        operation->io->is_ready[EDO_READ] = false;
    *error = result;
    if (result < 0)
        return EDO_ATTEMPT_FAILED;
    return result == 0 ? EDO_ATTEMPT_AGAIN : EDO_ATTEMPT_DONE;
}

static enum edo_poll child_wait_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_child_wait *wait = child_wait_of(self);

    wait->executor = cx->executor;
    return edo_operation_poll(&wait->operation, cx, EDO_READ, child_try, &wait->child->status);
}

/* Nobody is left to poll it where the executor closes: then it is waited for here. It was killed,
 * so that is soon. */
static enum edo_poll child_wait_cancel(struct edo_future *self)
{
    struct edo_child_wait *wait = child_wait_of(self);
    struct edo_child *child = wait->child;
    bool is_closing = wait->executor != NULL && wait->executor->is_closing;

    edo_child_kill(child, SIGKILL);
    if (child->pid >= 0 && reap(child, is_closing ? 0 : WNOHANG) == 0)
        return EDO_PENDING;
    return edo_operation_cancel(self);
}

static enum edo_poll child_wait_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    struct edo_child_wait *wait = child_wait_of(self);
    struct edo_source *source = &wait->child->pidfd.waits[EDO_READ];

    if (wait->child->pid < 0 || reap(wait->child, WNOHANG) != 0)
        return EDO_READY;
    source->waker = cx->waker; /* of one that is armed already, which is -EBUSY */
    edo_reactor_wait(cx->reactor, source, edo_io_fd(&wait->child->pidfd), cx->waker);
    return EDO_PENDING;
}

static const char *const child_states[] = {"CHILD_AWAITS_END"};

static const struct edo_future_type child_type = {"child",           child_wait_poll,
                                                  child_wait_cancel, child_wait_poll_cancelled,
                                                  child_states,      edo_read_parts};

void edo_child_wait_init(struct edo_child_wait *wait, struct edo_child *child)
{
    *wait = (struct edo_child_wait){.operation.io = &child->pidfd, .child = child};
    edo_future_init(&wait->operation.future, &child_type);
}
