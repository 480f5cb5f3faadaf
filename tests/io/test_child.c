/* SPDX-License-Identifier: MIT */
/* Signals and children. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 33)
#define HAS_MALLINFO2
#endif
#endif

/* --- Signals ---------------------------------------------------------------------------------- */

/* IO13: between the mask and the wait, and in it. */
START_TEST(a_signal_that_comes_before_or_during_the_wait_is_awaited)
{
    struct runtime runtime;
    struct edo_signals signals;
    struct edo_signal_wait wait;
    struct edo_task task;
    sigset_t set;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    kill(getpid(), SIGUSR1);
    edo_signal_wait_init(&wait, &signals);
    ck_assert_ptr_eq(runtime_await(&runtime, &wait.operation.future).value, &wait.info);
    ck_assert_int_eq((int)wait.info.ssi_signo, SIGUSR1);

    edo_signal_wait_init(&wait, &signals);
    edo_task_init(&task, "waiter", &wait.operation.future);
    edo_executor_spawn(&runtime.executor, &task);
    runtime_run_for(&runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    kill(getpid(), SIGUSR2);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq((int)wait.info.ssi_signo, SIGUSR2);
    edo_signals_close(&signals);
    runtime_close(&runtime);
}
END_TEST

static void *signal_from_elsewhere(void *nothing)
{
    pthread_kill(pthread_self(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    return nothing;
}

/* IO13: a signal to the process comes, whichever thread it is sent from and could go to; one that
 * is sent to another thread stays there (signalfd(2)), blocked as it inherited that, and harms
 * nobody. */
START_TEST(a_signal_is_the_process_s_and_not_another_thread_s)
{
    struct runtime runtime;
    struct edo_signals signals;
    struct edo_signal_wait wait;
    pthread_t thread;
    sigset_t set;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, signal_from_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    edo_signal_wait_init(&wait, &signals);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq((int)wait.info.ssi_signo, SIGUSR2);
    edo_signals_close(&signals);
    runtime_close(&runtime);
}
END_TEST

/* A child would hold it open. */
START_TEST(a_signalfd_is_closed_on_exec)
{
    struct runtime runtime;
    struct edo_signals signals;
    sigset_t set;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    ck_assert(fcntl(edo_io_fd(&signals.io), F_GETFD) & FD_CLOEXEC);
    edo_signals_close(&signals);
    runtime_close(&runtime);
}
END_TEST

START_TEST(closing_restores_the_mask)
{
    struct runtime runtime;
    struct edo_signals signals;
    sigset_t set, mask;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ck_assert(sigismember(&mask, SIGUSR1));
    edo_signals_close(&signals);
    pthread_sigmask(SIG_BLOCK, &set, &mask);
    ck_assert(!sigismember(&mask, SIGUSR1));
    edo_signals_close(&signals); /* again: by now the mask is somebody else's */
    pthread_sigmask(SIG_UNBLOCK, &set, &mask);
    ck_assert(sigismember(&mask, SIGUSR1));
    runtime_close(&runtime);
}
END_TEST

/* In whatever order they are closed. */
START_TEST(closing_unblocks_no_signal_that_another_one_waits_for)
{
    struct runtime runtime;
    struct edo_signals first, second;
    sigset_t set, mask;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(edo_signals_open(&first, &runtime.executor.reactor, &set), 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    ck_assert_int_eq(edo_signals_open(&second, &runtime.executor.reactor, &set), 0);
    edo_signals_close(&first);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ck_assert(!sigismember(&mask, SIGUSR1) && sigismember(&mask, SIGUSR2));
    edo_signals_close(&second);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ck_assert(!sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    ck_assert_int_eq(edo_signals_open(&second, &runtime.executor.reactor, &set), 0);
    edo_signals_close(&second);
    pthread_sigmask(SIG_UNBLOCK, &set, &mask);
    ck_assert(sigismember(&mask, SIGUSR2)); /* as it was */
    runtime_close(&runtime);
}
END_TEST

/* Whatever its struct held before. */
START_TEST(signals_that_could_not_be_opened_close_nothing)
{
    struct runtime runtime;
    struct edo_signals signals;
    sigset_t none;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    memset(&signals, 1, sizeof signals);
    signals.io.registered.fd = edo_reactor_fd(&runtime.executor.reactor);
    sigemptyset(&none);
    wrap_begin(CALL_SIGNALFD, 1, 1, EMFILE);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &none), -EMFILE);
    wrap_end();
    edo_signals_close(&signals);
    ck_assert_int_eq(count_fds(), fds);
    runtime_close(&runtime);
}
END_TEST

/* IO11: in a program that was started without stdin. */
START_TEST(a_signalfd_that_is_fd_0_is_closed_too)
{
    struct runtime runtime;
    struct edo_signals signals;
    sigset_t set, now;
    int saved = dup(STDIN_FILENO);

    runtime_open(&runtime, _i);
    close(STDIN_FILENO);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    wrap_begin(CALL_EPOLL_ADD, 1, 1, ENOSPC);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), -ENOSPC);
    wrap_end();
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    ck_assert_int_eq(edo_io_fd(&signals.io), 0);
    edo_signals_close(&signals);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    sigprocmask(SIG_BLOCK, NULL, &now);
    ck_assert(!sigismember(&now, SIGUSR1));
    dup2(saved, STDIN_FILENO);
    runtime_close(&runtime);
}
END_TEST

/* --- Children --------------------------------------------------------------------------------- */

static void spawn_shell(struct runtime *runtime, struct edo_child *child, const char *command,
                        bool has_pipes)
{
    char shell[] = "sh", option[] = "-c", text[256];
    char *argv[] = {shell, option, text, NULL};
    struct edo_child_options options = {
        .path = "sh", .argv = argv, .has_pipe = {has_pipes, has_pipes, has_pipes}};

    snprintf(text, sizeof text, "%s", command);
    ck_assert_int_eq(edo_child_spawn(child, &runtime->executor.reactor, &options), 0);
}

START_TEST(the_end_of_a_child_and_its_status_are_awaited)
{
    static const struct {
        const char *command;
        int status;
    } ends[] = {{"exit 7", 7}, {"kill -9 $$", 128 + 9}, {"read -r line; exit 3", 3}};
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_context cx = {0};

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    for (int i = 0; i < 3; i++) {
        spawn_shell(&runtime, &child, ends[i].command, i == 2);
        edo_io_close(&child.stdio[0]); /* the end of its input */
        edo_child_wait_init(&wait, &child);
        ck_assert_ptr_eq(runtime_await(&runtime, &wait.operation.future).value, &child.status);
        ck_assert_int_eq(child.status, ends[i].status);
        edo_child_wait_init(&wait, &child); /* IO12: twice waited; now that is over at once */
        ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_READY);
        ck_assert_int_eq(edo_future_error(&wait.operation.future), 0);
        ck_assert_int_eq(edo_child_kill(&child, SIGKILL), -ESRCH);
        edo_child_close(&child);
        ck_assert_uint_eq(runtime.executor.reactor.outside, 0);
    }
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_child_s_stdio_are_streams)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_write write;
    struct edo_read read;
    struct edo_child_wait wait;
    char word[] = "hello", buffer[16];
    struct iovec part = {word, 5};

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "tr a-z A-Z; echo why >&2", true);
    edo_write_parts_init(&write, &child.stdio[0], &part, 1);
    ck_assert_int_eq(runtime_await(&runtime, &write.operation.future).kind, EDO_OUTCOME_OK);
    edo_io_close(&child.stdio[0]);
    edo_read_exactly_init(&read, &child.stdio[1], buffer, 5);
    ck_assert_int_eq(runtime_await(&runtime, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_mem_eq(buffer, "HELLO", 5);
    edo_read_exactly_init(&read, &child.stdio[2], buffer, 4);
    ck_assert_int_eq(runtime_await(&runtime, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_mem_eq(buffer, "why\n", 4);
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 0);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* IO11: the child's end of its first pipe is fd 0 here, too. */
START_TEST(where_this_process_has_no_stdin_a_child_has_one)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    int saved = dup(STDIN_FILENO);

    runtime_open(&runtime, _i);
    close(STDIN_FILENO);
    spawn_shell(&runtime, &child, "read word && test $word = hello", true);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    ck_assert_int_eq((int)write(edo_io_fd(&child.stdio[0]), "hello\n", 6), 6);
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 0);
    edo_child_close(&child);
    dup2(saved, STDIN_FILENO);
    runtime_close(&runtime);
}
END_TEST

START_TEST(this_side_of_a_pipe_may_be_fd_0)
{
    static const char *const argv[] = {"sh", "-c", "echo x", NULL};
    struct edo_child_options options = {
        .path = "sh", .argv = (char *const *)argv, .has_pipe = {false, true, false}};
    struct runtime runtime;
    struct edo_child child;
    struct edo_read read;
    char byte = 0;
    int saved = dup(STDIN_FILENO);

    runtime_open(&runtime, _i);
    close(STDIN_FILENO);
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), 0);
    ck_assert_int_eq(edo_io_fd(&child.stdio[1]), 0);
    edo_read_init(&read, &child.stdio[1], &byte, 1);
    runtime_await(&runtime, &read.operation.future);
    ck_assert_int_eq(byte, 'x');
    edo_child_close(&child);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    dup2(saved, STDIN_FILENO);
    runtime_close(&runtime);
}
END_TEST

/* Its others stay those of this process. */
START_TEST(only_those_pipes_are_made_that_were_asked_for)
{
    static const char *const argv[] = {"sh", "-c", "exit 3", NULL};
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_child_options options;

    memset(&options, 1, sizeof options); /* what lies behind the last is none of it */
    options.path = "sh";
    options.argv = (char *const *)argv;
    options.envp = NULL;
    for (int i = 0; i < 3; i++)
        options.has_pipe[i] = i == _i;
    runtime_open(&runtime, FD_REAL);
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(edo_io_fd(&child.stdio[i]) >= 0, i == _i);
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 3);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_wait_kills_the_child_and_is_pending_until_it_is_reaped)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_task task;
    pid_t pid;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "read -r line", true);
    pid = child.pid;
    edo_child_wait_init(&wait, &child);
    edo_task_init(&task, "waiter", &wait.operation.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    edo_task_cancel(&task);
    if (edo_task_is_live(&task))
        ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_outcome(&wait.operation.future).kind, EDO_OUTCOME_CANCELLED);
    ck_assert_int_eq(child.pid, -1);
    ck_assert_int_eq(waitpid(pid, NULL, 0), -1);
    ck_assert_int_eq(child.status, 128 + SIGKILL);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* Whoever polls it, and whatever becomes of the child meanwhile. */
START_TEST(a_cancelled_wait_is_over_when_the_child_is_closed)
{
    struct counter counter = {0};
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_context cx;

    runtime_open(&runtime, _i);
    cx = (struct edo_context){counting(&counter), &runtime.executor.reactor, NULL};
    spawn_shell(&runtime, &child, "read -r line", true);
    edo_child_wait_init(&wait, &child);
    ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_PENDING);
    if (edo_future_cancel(&wait.operation.future) == EDO_PENDING) { /* else it has died at once */
        edo_child_close(&child);
        ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_READY);
    }
    ck_assert_int_eq(child.status, 128 + SIGKILL);
    ck_assert_int_eq(wait.operation.future.state, EDO_CANCELLED);
    ck_assert_int_eq(child.pid, -1);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* A killed child takes a moment to die. Without budget the wait was not armed before. */
START_TEST(the_end_of_a_killed_child_wakes_who_polled_its_wait_last)
{
    for (uint32_t budget = 0; budget < 2; budget++) {
        struct counter first = {0}, last = {0};
        struct runtime runtime;
        struct edo_child child;
        struct edo_child_wait wait;
        struct edo_context cx;

        runtime_open(&runtime, _i);
        runtime.executor.budget = budget;
        cx = (struct edo_context){counting(&first), &runtime.executor.reactor, &runtime.executor};
        spawn_shell(&runtime, &child, "read -r line", true);
        edo_child_wait_init(&wait, &child);
        ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_PENDING);
        wrap_begin(CALL_WAITID, 1, 2, STILL_LIVES);
        ck_assert_int_eq(edo_future_cancel(&wait.operation.future), EDO_PENDING);
        cx.waker = counting(&last);
        ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_PENDING);
        wrap_end();
        while (last.wakes == 0)
            ck_assert_int_ge(edo_reactor_react(&runtime.executor.reactor, EDO_WAIT), 0);
        ck_assert_int_eq(edo_future_poll(&wait.operation.future, &cx), EDO_READY);
        ck_assert_int_eq(child.status, 128 + SIGKILL);
        edo_child_close(&child);
        runtime_close(&runtime);
    }
}
END_TEST

START_TEST(a_signal_that_is_none_is_an_error)
{
    struct runtime runtime;
    struct edo_child child;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "read -r line", true);
    ck_assert_int_eq(edo_child_kill(&child, -1), -EINVAL);
    ck_assert_int_eq(edo_child_kill(&child, 0), 0); /* it lives */
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_child_has_this_process_s_environment_or_one_of_its_own)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    char shell[] = "sh", option[] = "-c", text[] = "exit $CODE", code[] = "CODE=7";
    char *argv[] = {shell, option, text, NULL}, *envp[] = {code, NULL};
    struct edo_child_options options = {.path = "sh", .argv = argv};

    runtime_open(&runtime, _i);
    setenv("CODE", "6", 1);
    for (int status = 6; status <= 7; status++) {
        ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), 0);
        edo_child_wait_init(&wait, &child);
        runtime_await(&runtime, &wait.operation.future);
        ck_assert_int_eq(child.status, status);
        edo_child_close(&child);
        options.envp = envp;
    }
    unsetenv("CODE");
    runtime_close(&runtime);
}
END_TEST

START_TEST(closing_the_executor_or_the_child_leaves_no_process)
{
    struct runtime runtime;
    struct edo_child waited, forgotten;
    struct edo_child_wait wait;
    struct edo_task task;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &waited, "read -r line", true);
    spawn_shell(&runtime, &forgotten, "read -r line", true);
    edo_child_wait_init(&wait, &waited);
    edo_task_init(&task, "waiter", &wait.operation.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    edo_child_close(&forgotten);
    edo_executor_close(&runtime.executor);
    edo_child_close(&waited);
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1); /* no child is left */
    ck_assert_int_eq(errno, ECHILD);
    runtime_close(&runtime);
}
END_TEST

/* The C library allocates what it is told to do with the fds. The first few times that may be
 * memory which it keeps for such a size, and counts as allocated. */
#ifdef HAS_MALLINFO2
START_TEST(starting_a_child_leaves_no_memory_allocated)
{
    struct runtime runtime;
    struct edo_child child;
    size_t before = 0;

    if (getenv("EDO_SANITIZED")) /* its memory is not of glibc's malloc */
        return;
    runtime_open(&runtime, FD_REAL);
    for (int i = 0; i < 16; i++) {
        spawn_shell(&runtime, &child, "read -r line", true);
        edo_child_close(&child);
        if (i == 0)
            before = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    runtime_close(&runtime);
}
END_TEST
#endif

/* One that has ended does not hold it, though nobody has waited for it yet. */
START_TEST(virtual_time_stands_still_while_a_child_lives)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "read -r line; exit 3", true);
    ck_assert_uint_eq(runtime.executor.reactor.outside, 1);
    edo_sleep_init(&sleep, EDO_S(1));
    edo_task_init(&task, "sleeper", &sleep.future);
    edo_executor_spawn(&runtime.executor, &task);
    for (int i = 0; i < 10; i++)
        edo_executor_turn_now(&runtime.executor);
    ck_assert_uint_eq(runtime_now(&runtime), 0);
    edo_io_close(&child.stdio[0]);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_S(1));
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 3);
    ck_assert_uint_eq(runtime.executor.reactor.outside, 0);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

START_TEST(virtual_time_stands_still_for_a_child_that_nobody_waits_for)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_sleep sleep;
    siginfo_t info = {0};

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "exit 3", false);
    edo_sleep_init(&sleep, EDO_S(1));
    runtime_await(&runtime, &sleep.future);
    ck_assert_int_eq(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    ck_assert_int_eq(info.si_pid, child.pid);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* IO10 */
START_TEST(a_forked_child_that_closes_everything_leaves_its_parent_s_children_alive)
{
    struct runtime runtime;
    struct edo_child waited, forgotten;
    struct edo_child_wait wait;
    struct edo_task task;
    pid_t forked;
    int status;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &waited, "read -r line; exit 3", true);
    spawn_shell(&runtime, &forgotten, "read -r line; exit 4", true);
    edo_child_wait_init(&wait, &waited);
    edo_task_init(&task, "waiter", &wait.operation.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    forked = fork();
    if (forked == 0) {
        edo_child_close(&forgotten);
        edo_executor_close(&runtime.executor);
        edo_child_close(&waited);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(forked, &status, 0), forked);
    edo_io_close(&waited.stdio[0]);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), 0);
    ck_assert_int_eq(waited.status, 3);
    edo_io_close(&forgotten.stdio[0]);
    edo_child_wait_init(&wait, &forgotten);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(forgotten.status, 4);
    edo_child_close(&waited);
    edo_child_close(&forgotten);
    runtime_close(&runtime);
}
END_TEST

/* IO12 */
START_TEST(a_status_that_somebody_else_took_is_an_error)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "exit 1", false);
    ck_assert_int_eq(waitpid(child.pid, NULL, 0), child.pid);
    for (int i = 0; i < 2; i++) {
        edo_child_wait_init(&wait, &child);
        ck_assert_int_eq(runtime_await(&runtime, &wait.operation.future).error, -ECHILD);
    }
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* Its pid may be another process's by then; here it is that of the test's own child. */
START_TEST(a_child_whose_status_was_taken_is_not_killed_by_its_pid)
{
    struct runtime runtime;
    struct edo_child child;
    pid_t stranger;
    int status;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "exit 1", false);
    ck_assert_int_eq(waitpid(child.pid, NULL, 0), child.pid);
    stranger = fork();
    if (stranger == 0) {
        pause();
        _exit(1);
    }
    child.pid = stranger;
    ck_assert_int_eq(edo_child_kill(&child, SIGKILL), -ESRCH);
    edo_child_close(&child);
    ck_assert_int_eq(waitpid(stranger, &status, WNOHANG), 0);
    kill(stranger, SIGKILL);
    ck_assert_int_eq(waitpid(stranger, &status, 0), stranger);
    ck_assert(WIFSIGNALED(status));
    runtime_close(&runtime);
}
END_TEST

/* As where a filter of system calls is older than it. */
START_TEST(where_no_signal_goes_by_a_pidfd_it_goes_by_the_pid)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "read -r line", true);
    wrap_begin(CALL_PIDFD_SIGNAL, 1, 2, ENOSYS);
    ck_assert_int_eq(edo_child_kill(&child, -1), -EINVAL);
    ck_assert_int_eq(edo_child_kill(&child, SIGKILL), 0);
    wrap_begin(CALL_PIDFD_SIGNAL, 1, 1, EPERM);
    ck_assert_int_eq(edo_child_kill(&child, SIGKILL), -EPERM);
    wrap_end();
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 128 + SIGKILL);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* What has been an executor may be anything by now. */
START_TEST(a_child_may_be_closed_after_its_executor)
{
    struct runtime runtime;
    struct edo_child child;

    runtime_open(&runtime, _i);
    spawn_shell(&runtime, &child, "read -r line", true);
    ck_assert_int_eq(edo_executor_close(&runtime.executor), 0);
    memset(&runtime.executor, 0xa5, sizeof runtime.executor);
    edo_child_close(&child);
    for (size_t i = 0; i < sizeof runtime.executor; i++)
        if (((const unsigned char *)&runtime.executor)[i] != 0xa5)
            ck_abort_msg("byte %zu of it has been changed", i);
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
    ck_assert_int_eq(count_fds(), runtime.fds_before);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error_and_no_child)
{
    struct runtime runtime;
    struct edo_child child;
    char name[] = "no-such-program-anywhere";
    char *argv[] = {name, NULL};
    struct edo_child_options options = {.path = name, .argv = argv, .has_pipe = {true, true, true}};

    if (getenv("EDO_EMULATED") != NULL) /* qemu does not tell posix_spawn */
        return;
    runtime_open(&runtime, _i);
    wrap_begin_counting();
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), -ENOENT);
    ck_assert_uint_eq(wrap_count(CALL_WAITID), 0);
    wrap_end();
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* IO11: in a program that was started without stdin. */
START_TEST(a_pidfd_may_be_fd_0)
{
    struct runtime runtime;
    struct edo_child child;
    char name[] = "true";
    char *argv[] = {name, NULL};
    struct edo_child_options options = {.path = name, .argv = argv};
    int saved = dup(STDIN_FILENO);

    runtime_open(&runtime, _i);
    close(STDIN_FILENO);
    wrap_begin(CALL_EPOLL_ADD, 1, 1, ENOSPC);
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), -ENOSPC);
    wrap_end();
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), 0);
    ck_assert_int_eq(edo_io_fd(&child.pidfd), 0);
    edo_child_close(&child);
    dup2(saved, STDIN_FILENO);
    runtime_close(&runtime);
}
END_TEST

/* Were it taken for what it looks like, fd 0 would be closed and the process group killed. */
START_TEST(what_was_never_opened_may_be_closed)
{
    struct edo_child child = {0};
    struct edo_io io = {0};
    struct edo_signals signals = {0};
    struct edo_remote remote = {0};
    struct edo_pool pool = {0};
    int fds = count_fds();

    edo_child_close(&child);
    ck_assert_int_eq(edo_child_kill(&child, SIGKILL), -ESRCH);
    edo_io_close(&io);
    edo_signals_close(&signals);
    edo_remote_close(&remote);
    edo_pool_close(&pool);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

/* IO13 */
START_TEST(a_child_begins_with_no_signal_blocked)
{
    struct runtime runtime;
    struct edo_signals signals;
    struct edo_child child;
    struct edo_child_wait wait;
    sigset_t set;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    edo_signals_open(&signals, &runtime.executor.reactor, &set);
    spawn_shell(&runtime, &child, "kill -TERM $$; exit 0", false);
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    ck_assert_int_eq(child.status, 128 + SIGTERM);
    edo_child_close(&child);
    edo_signals_close(&signals);
    runtime_close(&runtime);
}
END_TEST

/* How a shell ends whose parent ignores the signal. */
static int status_of_shell(int variant, int ignored, const char *command)
{
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    void (*old)(int) = signal(ignored, SIG_IGN);

    runtime_open(&runtime, variant);
    spawn_shell(&runtime, &child, command, false);
    signal(ignored, old);
    edo_child_wait_init(&wait, &child);
    runtime_await(&runtime, &wait.operation.future);
    edo_child_close(&child);
    runtime_close(&runtime);
    return child.status;
}

START_TEST(a_child_begins_with_sigpipe_as_it_usually_is)
{
    ck_assert_int_eq(status_of_shell(_i, SIGPIPE, "kill -PIPE $$; exit 0"), 128 + SIGPIPE);
}
END_TEST

START_TEST(a_child_ignores_what_its_parent_ignores)
{
    ck_assert_int_eq(status_of_shell(_i, SIGUSR1, "kill -USR1 $$; exit 3"), 3);
}
END_TEST

Suite *child_suite(void)
{
    Suite *suite = suite_create("child");
    TCase *signals = tcase_create("signals");
    TCase *children = tcase_create("children");

    tcase_add_loop_test(signals, a_signal_that_comes_before_or_during_the_wait_is_awaited, 0,
                        VARIANTS);
    tcase_add_loop_test(signals, a_signal_is_the_process_s_and_not_another_thread_s, 0, VARIANTS);
    tcase_add_loop_test(signals, a_signalfd_is_closed_on_exec, 0, VARIANTS);
    tcase_add_loop_test(signals, closing_restores_the_mask, 0, VARIANTS);
    tcase_add_loop_test(signals, closing_unblocks_no_signal_that_another_one_waits_for, 0,
                        VARIANTS);
    tcase_add_loop_test(signals, signals_that_could_not_be_opened_close_nothing, 0, VARIANTS);
    tcase_add_loop_test(signals, a_signalfd_that_is_fd_0_is_closed_too, 0, VARIANTS);
    suite_add_tcase(suite, signals);
    tcase_set_tags(children, "pidfd"); /* scripts/check-valgrind leaves them out */
    tcase_add_loop_test(children, the_end_of_a_child_and_its_status_are_awaited, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_s_stdio_are_streams, 0, VARIANTS);
    tcase_add_loop_test(children, where_this_process_has_no_stdin_a_child_has_one, FD_REAL,
                        VARIANTS);
    tcase_add_loop_test(children, this_side_of_a_pipe_may_be_fd_0, 0, VARIANTS);
    tcase_add_loop_test(children, only_those_pipes_are_made_that_were_asked_for, 0, 3);
    tcase_add_loop_test(
        children, a_cancelled_wait_kills_the_child_and_is_pending_until_it_is_reaped, 0, VARIANTS);
    tcase_add_loop_test(children, a_cancelled_wait_is_over_when_the_child_is_closed, 0, VARIANTS);
    tcase_add_loop_test(children, the_end_of_a_killed_child_wakes_who_polled_its_wait_last, 0,
                        VARIANTS);
    tcase_add_loop_test(children, a_signal_that_is_none_is_an_error, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_has_this_process_s_environment_or_one_of_its_own, 0,
                        VARIANTS);
    tcase_add_loop_test(children, closing_the_executor_or_the_child_leaves_no_process, 0, VARIANTS);
#ifdef HAS_MALLINFO2
    tcase_add_test(children, starting_a_child_leaves_no_memory_allocated);
#endif
    tcase_add_loop_test(children, virtual_time_stands_still_while_a_child_lives, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(children, virtual_time_stands_still_for_a_child_that_nobody_waits_for, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(children, a_status_that_somebody_else_took_is_an_error, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_whose_status_was_taken_is_not_killed_by_its_pid, 0,
                        VARIANTS);
    tcase_add_loop_test(children, a_child_may_be_closed_after_its_executor, 0, VARIANTS);
    tcase_add_loop_test(children, where_no_signal_goes_by_a_pidfd_it_goes_by_the_pid, 0, VARIANTS);
    tcase_add_loop_test(children,
                        a_forked_child_that_closes_everything_leaves_its_parent_s_children_alive, 0,
                        VARIANTS);
    tcase_add_loop_test(children, a_program_that_is_not_there_is_an_error_and_no_child, 0,
                        VARIANTS);
    tcase_add_loop_test(children, a_pidfd_may_be_fd_0, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_begins_with_no_signal_blocked, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_begins_with_sigpipe_as_it_usually_is, 0, VARIANTS);
    tcase_add_loop_test(children, a_child_ignores_what_its_parent_ignores, 0, VARIANTS);
    tcase_add_test(children, what_was_never_opened_may_be_closed);
    suite_add_tcase(suite, children);
    return suite;
}
