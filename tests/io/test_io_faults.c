/* SPDX-License-Identifier: MIT */
/* Every system call of the room io fails in turn: at each occurrence, with each errno that its man
 * page names and that can happen here, once and from then on. Whatever failed, its errno is the
 * result of the operation, nothing hangs, and no fd, child, thread or armed source is left.
 *
 * Left out: write(2) to an eventfd, which only fails where it is full, after 2^64 posts; kill(2) of
 * a child that has got other rights. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

enum { FROM_THEN_ON = 60 };

/* --- The parts --------------------------------------------------------------------------------
 *
 * Each uses a part of the room, and stops at the first error, which it returns. What it has opened
 * it has closed by then. */

static int await(struct runtime *runtime, struct edo_future *future)
{
    struct edo_task task;

    edo_task_init(&task, "task", future);
    ck_assert_int_eq(edo_executor_block_on(&runtime->executor, &task), 0);
    return edo_future_error(future);
}

static int write_text(struct runtime *runtime, struct edo_io *io, const char *text)
{
    struct edo_write write;
    char copy[16];
    struct iovec two[2] = {{copy, 1}, {copy + 1, strlen(text) - 1}};

    snprintf(copy, sizeof copy, "%s", text);
    edo_write_parts_init(&write, io, two, 2);
    return await(runtime, &write.operation.future);
}

static int read_back(struct runtime *runtime, struct edo_io *io, const char *text)
{
    struct edo_read read;
    char buffer[16];
    int error;

    edo_read_exactly_init(&read, io, buffer, strlen(text));
    error = await(runtime, &read.operation.future);
    if (!error)
        ck_assert_mem_eq(buffer, text, strlen(text));
    return error;
}

static int read_line(struct runtime *runtime, struct edo_io *io)
{
    unsigned char buffer[16];
    struct edo_reader reader;
    struct edo_read_until until;

    edo_reader_init(&reader, io, buffer, sizeof buffer);
    edo_read_until_init(&until, &reader, '\n');
    return await(runtime, &until.operation.future);
}

static int read_the_end(struct runtime *runtime, struct edo_io *io)
{
    struct edo_read read;
    char byte;
    int error;

    edo_read_init(&read, io, &byte, 1);
    error = await(runtime, &read.operation.future);
    ck_assert_uint_eq(read.done, 0);
    return error;
}

static int open_two(struct runtime *runtime, struct edo_io *ios, const int *fds)
{
    for (int i = 0; i < 2; i++) {
        int error = edo_io_open(&ios[i], &runtime->executor.reactor, fds[i]);

        if (!error)
            continue;
        for (int at = i; at < 2; at++)
            close(fds[at]);
        if (i > 0)
            edo_io_close(&ios[0]);
        return error;
    }
    return 0;
}

static void close_two(struct edo_io *ios)
{
    edo_io_close(&ios[0]);
    edo_io_close(&ios[1]);
}

static int use_two(struct runtime *runtime, struct edo_io *ios)
{
    int error = write_text(runtime, &ios[1], "hello");

    if (!error)
        error = read_back(runtime, &ios[0], "hello");
    if (!error)
        error = write_text(runtime, &ios[1], "line\n");
    return error ? error : read_line(runtime, &ios[0]);
}

static int stream_part(struct runtime *runtime)
{
    struct edo_io ios[2];
    int fds[2], error;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    error = open_two(runtime, ios, fds);
    if (error)
        return error;
    error = use_two(runtime, ios);
    if (!error)
        error = edo_io_shutdown(&ios[1]);
    if (!error)
        error = read_the_end(runtime, &ios[0]);
    close_two(ios);
    return error;
}

static int pipe_part(struct runtime *runtime)
{
    struct edo_io ios[2];
    int fds[2], error;

    ck_assert_int_eq(pipe(fds), 0);
    error = open_two(runtime, ios, fds);
    if (error)
        return error;
    error = use_two(runtime, ios);
    close_two(ios);
    return error;
}

static int loopback_socket(int type, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &length), 0);
    return fd;
}

static int connect_and_accept(struct runtime *runtime, struct edo_io *ios,
                              const struct sockaddr_in *address)
{
    struct edo_connect connect;
    struct edo_accept accept;
    struct edo_io peer;
    int error;

    edo_connect_init(&connect, &ios[1], (const struct sockaddr *)address, sizeof *address);
    error = await(runtime, &connect.operation.future);
    if (error)
        return error;
    edo_accept_init(&accept, &ios[0]);
    error = await(runtime, &accept.operation.future);
    if (error) {
        ck_assert_int_eq(accept.fd, -1);
        return error;
    }
    error = edo_io_open(&peer, &runtime->executor.reactor, accept.fd);
    if (error) {
        close(accept.fd);
        return error;
    }
    error = write_text(runtime, &peer, "hello");
    if (!error)
        error = read_back(runtime, &ios[1], "hello");
    edo_io_close(&peer);
    return error;
}

static int connection_part(struct runtime *runtime)
{
    struct sockaddr_in address;
    struct edo_io ios[2];
    int fds[2], error;

    fds[0] = loopback_socket(SOCK_STREAM, &address);
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    error = open_two(runtime, ios, fds);
    if (error)
        return error;
    error = connect_and_accept(runtime, ios, &address);
    close_two(ios);
    return error;
}

static int datagram_part(struct runtime *runtime)
{
    struct sockaddr_in address, other;
    struct edo_io ios[2];
    struct edo_send_to send;
    struct edo_receive_from receive;
    int fds[2], error;

    fds[0] = loopback_socket(SOCK_DGRAM, &address);
    fds[1] = loopback_socket(SOCK_DGRAM, &other);
    error = open_two(runtime, ios, fds);
    if (error)
        return error;
    edo_send_to_init(&send, &ios[1], "hello", 5, (const struct sockaddr *)&address, sizeof address);
    error = await(runtime, &send.operation.future);
    if (!error) {
        char buffer[8];

        edo_receive_from_init(&receive, &ios[0], buffer, sizeof buffer);
        error = await(runtime, &receive.operation.future);
    }
    close_two(ios);
    return error;
}

static int square(void *request)
{
    *(uint64_t *)request *= *(uint64_t *)request;
    return 0;
}

/* A pool of two threads, and a call. */
static int offload_part(struct runtime *runtime)
{
    struct edo_remote remote;
    struct edo_pool pool;
    struct edo_slot slot;
    struct edo_offload offload;
    uint64_t room, number = 3;
    pthread_t threads[2];
    struct edo_pool_options options = {threads, 2, &slot, 1, &room, sizeof room};
    int error = edo_remote_open(&remote, &runtime->executor.reactor);

    if (!error) {
        error = edo_pool_open(&pool, &remote, &options);
        if (!error) {
            edo_offload_init(&offload, &pool, square, &number, sizeof number);
            error = await(runtime, &offload.future);
            ck_assert_uint_eq(number, 9);
        }
        edo_pool_close(&pool);
    }
    edo_remote_close(&remote);
    ck_assert_ptr_null(runtime->executor.reactor.remote);
    return error;
}

static bool is_blocked(int signal)
{
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    return sigismember(&mask, signal) == 1;
}

/* A signal that the wait does not take stays pending when the mask is restored, so it is one that
 * is ignored. */
static int signal_part(struct runtime *runtime)
{
    struct edo_signals signals;
    struct edo_signal_wait wait;
    sigset_t set;
    int error;

    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    error = edo_signals_open(&signals, &runtime->executor.reactor, &set);
    if (!error) {
        kill(getpid(), SIGUSR1);
        edo_signal_wait_init(&wait, &signals);
        error = await(runtime, &wait.operation.future);
    }
    edo_signals_close(&signals);
    ck_assert(!is_blocked(SIGUSR1));
    return error;
}

static int use_child(struct runtime *runtime, struct edo_child *child)
{
    struct edo_child_wait wait;
    int error = write_text(runtime, &child->stdio[0], "hello");

    if (!error)
        error = read_back(runtime, &child->stdio[1], "hello");
    edo_io_close(&child->stdio[0]);
    if (error)
        return error;
    edo_child_wait_init(&wait, child);
    error = await(runtime, &wait.operation.future);
    if (!error)
        ck_assert_int_eq(child->status, 0);
    return error;
}

static int child_part(struct runtime *runtime)
{
    char name[] = "cat";
    char *argv[] = {name, NULL};
    struct edo_child_options options = {
        .path = name, .argv = argv, .has_pipe = {true, true, false}};
    struct edo_child child;
    int error = edo_child_spawn(&child, &runtime->executor.reactor, &options);

    if (error)
        ck_assert_int_eq(child.pid, -1);
    else
        error = use_child(runtime, &child);
    edo_child_close(&child);
    ck_assert_int_eq(child.pid, -1);
    return error;
}

static int (*const parts[])(struct runtime *runtime) = {
    stream_part, pipe_part, connection_part, datagram_part, offload_part, signal_part, child_part,
};

enum { PARTS = sizeof parts / sizeof parts[0] };

/* --- The faults ------------------------------------------------------------------------------- */

struct fault {
    enum wrapped call;
    bool is_fatal; /* it is the part's result; else the part ends as if nothing had been */
    int answers[16];
};

static const struct fault faults[] = {
    {CALL_FCNTL, true, {EBADF, EINVAL, EPERM}},
    {CALL_EPOLL_ADD, true, {ENOMEM, ENOSPC, EPERM, EEXIST, ELOOP, EBADF}},
    {CALL_EPOLL_DEL, false, {ENOENT, EBADF, ENOMEM}},
    {CALL_EPOLL_WAIT, false, {EINTR}},
    {CALL_READ, false, {EAGAIN, EINTR}},
    {CALL_READ, true, {EIO, ECONNRESET, EBADF, EFAULT, EINVAL, EISDIR, ETIMEDOUT}},
    {CALL_CLOSE, false, {EINTR, EIO, ENOSPC, EDQUOT}},
    {CALL_SENDMSG, false, {EAGAIN, EINTR, ENOTSOCK}},
    {CALL_SENDMSG,
     true,
     {EPIPE, ECONNRESET, ENOBUFS, ENOMEM, EBADF, EFAULT, EINVAL, ENOTCONN, EMSGSIZE, EACCES,
      EDESTADDRREQ, EISCONN, EOPNOTSUPP}},
    {CALL_WRITEV, false, {EAGAIN, EINTR}},
    {CALL_WRITEV, true, {EPIPE, EIO, ENOSPC, EDQUOT, EFBIG, EPERM, EBADF, EFAULT, EINVAL}},
    {CALL_ACCEPT,
     false,
     {EAGAIN, EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
      ENETUNREACH, EMFILE, ENFILE, ENOBUFS, ENOMEM}},
    {CALL_ACCEPT, true, {EPERM, EBADF, EFAULT, EINVAL, ENOTSOCK, EOPNOTSUPP}},
    {CALL_CONNECT, false, {EINTR}},
    {CALL_CONNECT,
     true,
     {ECONNREFUSED, ENETUNREACH, ETIMEDOUT, EADDRINUSE, EADDRNOTAVAIL, EACCES, EPERM, EAFNOSUPPORT,
      EAGAIN, EALREADY, EISCONN, EBADF, EFAULT, ENOTSOCK, EPROTOTYPE}},
    {CALL_GETSOCKOPT, true, {EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK, ENOBUFS}},
    {CALL_RECVFROM, false, {EAGAIN, EINTR}},
    {CALL_RECVFROM, true, {ECONNREFUSED, ENOMEM, ENOTCONN, EBADF, EFAULT, EINVAL, ENOTSOCK}},
    {CALL_SENDTO, false, {EAGAIN, EINTR}},
    {CALL_SENDTO,
     true,
     {ENOBUFS, ENOMEM, EMSGSIZE, EACCES, ENETUNREACH, EHOSTUNREACH, EBADF, EFAULT, EINVAL, ENOTSOCK,
      EDESTADDRREQ}},
    {CALL_SHUTDOWN, true, {ENOTCONN, EBADF, EINVAL, ENOTSOCK}},
    {CALL_EVENTFD, true, {EMFILE, ENFILE, ENODEV, ENOMEM, EINVAL}},
    {CALL_SIGNALFD, true, {EMFILE, ENFILE, ENODEV, ENOMEM, EBADF, EINVAL}},
    {CALL_PIPE, true, {EMFILE, ENFILE, EFAULT, EINVAL}},
    {CALL_PIDFD_OPEN, true, {ENOSYS, EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH, EINVAL}},
    {CALL_SPAWN, true, {EAGAIN, ENOMEM, ENOENT, EACCES, E2BIG, ENOEXEC}},
    {CALL_SPAWN_DUP2, true, {ENOMEM}},
    {CALL_WAITID, false, {EINTR}},
    {CALL_WAITID, true, {ECHILD, EINVAL}},
    {CALL_PTHREAD_CREATE, true, {EAGAIN, EPERM, EINVAL}},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

/* What waitid did not reap, is reaped here. */
static void check_no_child(enum wrapped call)
{
    if (call == CALL_WAITID)
        while (waitpid(-1, NULL, 0) > 0)
            ;
    ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
    ck_assert_int_eq(errno, ECHILD);
}

/* One run of a part with one fault. How many calls of that kind there were. */
static unsigned inject(int variant, unsigned part, const struct fault *fault, int answer,
                       unsigned nth, unsigned times)
{
    struct runtime runtime;
    int error;

    runtime_open(&runtime, variant);
    wrap_begin(fault->call, nth, times, answer);
    error = parts[part](&runtime);
    wrap_end();
    if (fault->is_fatal && wrap_failed() > 0)
        ck_assert_int_eq(error, -answer);
    else
        ck_assert_int_eq(error, 0);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    ck_assert_uint_eq(runtime.executor.reactor.outside, 0);
    check_no_child(fault->call);
    runtime_close(&runtime);
    return wrap_count(fault->call);
}

static unsigned injections;

static void inject_everywhere(int variant, unsigned part, const struct fault *fault, int answer)
{
    static const unsigned times[] = {1, FROM_THEN_ON};

    for (int i = 0; i < 2; i++)
        for (unsigned nth = 1; inject(variant, part, fault, answer, nth, times[i]) >= nth; nth++)
            injections++;
}

START_TEST(without_a_fault_each_part_of_io_does_its_work)
{
    struct fault none = {.call = CALL_READ};

    inject(_i % VARIANTS, (unsigned)_i / VARIANTS, &none, 0, 0, 0);
}
END_TEST

START_TEST(whichever_call_of_io_fails_its_errno_is_the_result_and_nothing_is_left)
{
    unsigned part = (unsigned)_i / VARIANTS;
    int variant = _i % VARIANTS;

    injections = 0;
    for (int i = 0; i < FAULTS; i++)
        for (const int *answer = faults[i].answers; *answer != 0; answer++)
            inject_everywhere(variant, part, &faults[i], *answer);
    ck_assert_uint_gt(injections, 0);
}
END_TEST

static void add_parts(Suite *suite, TCase *tcase, int from, int to)
{
    tcase_add_loop_test(tcase, without_a_fault_each_part_of_io_does_its_work, from * VARIANTS,
                        to * VARIANTS);
    tcase_add_loop_test(tcase,
                        whichever_call_of_io_fails_its_errno_is_the_result_and_nothing_is_left,
                        from * VARIANTS, to * VARIANTS);
    suite_add_tcase(suite, tcase);
}

Suite *io_faults_suite(void)
{
    Suite *suite = suite_create("io_faults");
    TCase *child = tcase_create("child");

    add_parts(suite, tcase_create("all but child"), 0, PARTS - 1);
    tcase_set_tags(child, "pidfd"); /* scripts/check-valgrind leaves it out */
    add_parts(suite, child, PARTS - 1, PARTS);
    return suite;
}
