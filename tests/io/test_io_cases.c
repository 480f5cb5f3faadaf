/* SPDX-License-Identifier: MIT */
/* What has bitten other event loops with sockets, terminals, processes; each test names the case.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* Two ends of a connection, a's and b's; not registered yet. */
struct setup {
    struct runtime runtime;
    struct edo_io a, b;
    int fds[2];
};

static struct edo_reactor *reactor_of(struct setup *setup)
{
    return &setup->runtime.executor.reactor;
}

static void open_pair(struct setup *setup)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, setup->fds), 0);
    ck_assert_int_eq(edo_io_open(&setup->a, reactor_of(setup), setup->fds[0]), 0);
    ck_assert_int_eq(edo_io_open(&setup->b, reactor_of(setup), setup->fds[1]), 0);
}

static void setup_open(struct setup *setup, int variant)
{
    runtime_open(&setup->runtime, variant);
    open_pair(setup);
}

static void setup_close(struct setup *setup)
{
    edo_io_close(&setup->a);
    edo_io_close(&setup->b);
    runtime_close(&setup->runtime);
}

static int await(struct setup *setup, struct edo_future *future)
{
    struct edo_task task;

    edo_task_init(&task, "task", future);
    ck_assert_int_eq(edo_executor_block_on(&setup->runtime.executor, &task), 0);
    return edo_future_error(future);
}

static int await_at_most(struct setup *setup, struct edo_future *future, uint64_t duration_ns)
{
    struct edo_timeout timeout;

    edo_timeout_init(&timeout, future, duration_ns);
    return await(setup, &timeout.future);
}

static void spawn(struct setup *setup, struct edo_task *task, struct edo_future *future)
{
    edo_task_init(task, "waiter", future);
    ck_assert_int_eq(edo_executor_spawn(&setup->runtime.executor, task), 0);
}

static void spawn_and_wait(struct setup *setup, struct edo_task *task, struct edo_future *future)
{
    spawn(setup, task, future);
    runtime_run_for(&setup->runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(task));
}

static void put(int fd, const char *text)
{
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
}

/* --- Fds -------------------------------------------------------------------------------------- */

/* IO1: the byte was seen, and then somebody else read it. */
START_TEST(old_news_do_not_end_a_new_wait)
{
    struct setup setup;
    struct edo_read first, second;
    struct edo_task task;
    char byte;

    setup_open(&setup, _i);
    edo_read_init(&first, &setup.a, &byte, 1);
    spawn_and_wait(&setup, &task, &first.operation.future);
    put(setup.fds[1], "x");
    edo_reactor_react(reactor_of(&setup), EDO_NO_WAIT); /* woken, not polled */
    edo_task_cancel(&task);
    ck_assert_uint_eq(first.done, 0);
    ck_assert_int_eq((int)read(setup.fds[0], &byte, 1), 1);
    edo_read_init(&second, &setup.a, &byte, 1);
    spawn_and_wait(&setup, &task, &second.operation.future);
    put(setup.fds[1], "y");
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    ck_assert_int_eq(byte, 'y');
    setup_close(&setup);
}
END_TEST

/* IO2: before the old one's news are collected it is closed, and another one has its number, while
 * a duplicate of the old one keeps its file open. */
START_TEST(a_number_that_is_used_again_has_the_news_of_its_new_owner_only)
{
    struct setup setup;
    struct edo_read read;
    struct edo_task task;
    int old, duplicate, peer;
    char byte;

    setup_open(&setup, _i);
    old = setup.fds[0];
    peer = setup.fds[1];
    duplicate = dup(old);
    put(peer, "x");
    edo_io_close(&setup.a);
    edo_io_close(&setup.b);
    open_pair(&setup);
    ck_assert_int_eq(setup.fds[0], old);
    edo_read_init(&read, &setup.a, &byte, 1);
    spawn_and_wait(&setup, &task, &read.operation.future);
    put(setup.fds[1], "y");
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    ck_assert_int_eq(byte, 'y');
    close(duplicate);
    setup_close(&setup);
}
END_TEST

/* IO9 */
START_TEST(what_epoll_can_not_watch_is_refused_and_a_reactor_in_a_reactor_is_not)
{
    struct setup setup;
    struct runtime inner;
    struct edo_io io;
    struct edo_watch watch;
    struct edo_sleep sleep;
    struct edo_task task;
    int null;

    setup_open(&setup, _i);
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(edo_io_open(&io, reactor_of(&setup), null), -EPERM);
    close(null);
    ck_assert_int_eq(edo_io_open(&io, reactor_of(&setup), edo_reactor_fd(reactor_of(&setup))),
                     -EINVAL);

    runtime_open(&inner, FD_REAL);
    edo_sleep_init(&sleep, EDO_MS(1));
    edo_task_init(&task, "sleeper", &sleep.future);
    edo_executor_spawn(&inner.executor, &task);
    ck_assert_int_eq(edo_executor_turn_now(&inner.executor), 0);
    ck_assert_int_eq(edo_executor_prepare(&inner.executor), 0);
    edo_watch_init(&watch, edo_reactor_fd(&inner.executor.reactor), EPOLLIN);
    if (_i >= VIRTUAL_VARIANTS) { /* a virtual clock does not wait for a real one */
        ck_assert_int_eq(await(&setup, &watch.future), 0);
        ck_assert_int_eq(edo_executor_turn_now(&inner.executor), 0);
        ck_assert(edo_future_has_ended(&sleep.future));
    }
    runtime_close(&inner);
    setup_close(&setup);
}
END_TEST

/* IO9, IO5 */
START_TEST(a_terminal_that_was_hung_up_is_an_error_after_its_last_bytes)
{
    struct setup setup;
    struct edo_io master;
    struct edo_read read;
    char buffer[16];
    int ends[2];

    setup_open(&setup, _i);
    ck_assert_int_eq(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
    ck_assert_int_eq(edo_io_open(&master, reactor_of(&setup), ends[0]), 0);
    put(ends[1], "bye");
    close(ends[1]);
    edo_read_exactly_init(&read, &master, buffer, 3);
    ck_assert_int_eq(await(&setup, &read.operation.future), 0);
    edo_read_init(&read, &master, buffer, sizeof buffer);
    ck_assert_int_eq(await(&setup, &read.operation.future), -EIO);
    edo_io_close(&master);
    setup_close(&setup);
}
END_TEST

/* IO10: nor does one that exits or execs. */
START_TEST(a_forked_child_that_exits_or_execs_disturbs_nobody)
{
    struct setup setup;
    struct edo_read read;
    struct edo_task task;
    char byte;
    int status;

    setup_open(&setup, _i);
    edo_read_init(&read, &setup.a, &byte, 1);
    spawn_and_wait(&setup, &task, &read.operation.future);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();

        if (child == 0) {
            if (i == 0)
                execlp("true", "true", (char *)NULL);
            _exit(0);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    put(setup.fds[1], "x");
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    setup_close(&setup);
}
END_TEST

/* Whether a runtime whose fds are 0, 1 and 2 reads, writes and runs a child. */
static bool works_without_stdio(struct setup *setup, int variant)
{
    char name[] = "tr", from[] = "a-z", to[] = "A-Z", word[] = "hello", buffer[8];
    char *argv[] = {name, from, to, NULL};
    struct edo_child_options options = {.path = name, .argv = argv, .has_pipe = {true, true, true}};
    struct iovec part = {word, 5};
    struct edo_child child;
    struct edo_write write;
    struct edo_read read;

    setup_open(setup, variant);
    if (edo_child_spawn(&child, reactor_of(setup), &options) < 0)
        return false;
    edo_write_parts_init(&write, &child.stdio[0], &part, 1);
    await(setup, &write.operation.future);
    edo_io_close(&child.stdio[0]);
    edo_read_exactly_init(&read, &child.stdio[1], buffer, 5);
    await(setup, &read.operation.future);
    edo_child_close(&child);
    setup_close(setup);
    return read.done == 5 && memcmp(buffer, "HELLO", 5) == 0;
}

/* IO11: any of the three may be closed. */
START_TEST(with_stdin_stdout_or_stderr_closed_everything_works)
{
    struct setup setup;
    int status;

    for (unsigned closed = 1; closed < 8; closed++) {
        pid_t child = fork();

        if (child == 0) {
            for (int fd = 0; fd < 3; fd++)
                if (closed & 1U << fd)
                    close(fd);
            _exit(works_without_stdio(&setup, _i) ? 0 : 1);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

/* --- Connections ------------------------------------------------------------------------------ */

enum { LARGE = 8 << 20 };

static char large[LARGE];

static int listen_on_loopback(struct sockaddr_in *address, int backlog)
{
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &length), 0);
    return fd;
}

static int connect_at_most(struct setup *setup, struct edo_io *io,
                           const struct sockaddr_in *address, uint64_t duration_ns)
{
    struct edo_connect connect;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(edo_io_open(io, reactor_of(setup), fd), 0);
    edo_connect_init(&connect, io, (const struct sockaddr *)address, sizeof *address);
    return await_at_most(setup, &connect.operation.future, duration_ns);
}

/* IO5 */
START_TEST(a_reset_ends_the_write_that_waits)
{
    struct setup setup;
    struct sockaddr_in address;
    struct edo_io client;
    struct edo_write write;
    struct edo_task task;
    struct iovec part = {large, LARGE};
    struct linger reset = {1, 0};
    int listener, peer, error;

    setup_open(&setup, _i);
    listener = listen_on_loopback(&address, 1);
    ck_assert_int_eq(connect_at_most(&setup, &client, &address, EDO_S(10)), 0);
    peer = accept(listener, NULL, NULL);
    edo_write_parts_init(&write, &client, &part, 1);
    spawn_and_wait(&setup, &task, &write.operation.future);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(peer);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    error = edo_future_error(&write.operation.future);
    ck_assert(error == -ECONNRESET || error == -EPIPE);
    ck_assert_uint_gt(write.done, 0);
    ck_assert_uint_lt(write.done, LARGE);
    edo_io_close(&client);
    close(listener);
    setup_close(&setup);
}
END_TEST

/* IO5: a listener whose queue is full drops what else comes. */
START_TEST(a_connect_that_nobody_answers_is_ended_by_its_timeout_and_refused_later)
{
    enum { QUEUE = 4 };
    struct setup setup;
    struct sockaddr_in address;
    struct edo_io clients[QUEUE], last;
    struct edo_connect connect;
    int listener, opened = 0, error = 0;

    setup_open(&setup, _i);
    listener = listen_on_loopback(&address, 0);
    while (!error && opened < QUEUE)
        error = connect_at_most(&setup, &clients[opened++], &address, EDO_MS(20));
    ck_assert_int_eq(error, -ETIMEDOUT);
    ck_assert_uint_eq(reactor_of(&setup)->pending, 0);

    /* "Refused later" takes the kernel a second, for the SYN to be sent again. */
    ck_assert_int_eq(edo_io_open(&last, reactor_of(&setup), socket(AF_INET, SOCK_STREAM, 0)), 0);
    edo_connect_init(&connect, &last, (const struct sockaddr *)&address, sizeof address);
    if (_i == FD_REAL) {
        struct edo_task task;

        spawn_and_wait(&setup, &task, &connect.operation.future);
        close(listener);
        ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
        ck_assert_int_eq(edo_future_error(&connect.operation.future), -ECONNREFUSED);
    } else {
        close(listener);
        ck_assert_int_eq(await(&setup, &connect.operation.future), -ECONNREFUSED);
    }
    for (int i = 0; i < opened; i++)
        edo_io_close(&clients[i]);
    edo_io_close(&last);
    setup_close(&setup);
}
END_TEST

/* IO14: what a write says it has written, the peer can read, whoever closes. */
START_TEST(closing_ends_accepts_and_reads_and_keeps_the_bytes_that_were_written)
{
    struct setup setup;
    struct sockaddr_in address;
    struct edo_io listener;
    struct edo_accept accept;
    struct edo_read read;
    struct edo_write write;
    struct edo_task tasks[3];
    struct iovec part = {large, LARGE};
    size_t came = 0;
    ssize_t size;
    char byte;
    int peer;

    setup_open(&setup, _i);
    peer = dup(setup.fds[1]);
    edo_io_close(&setup.b);
    ck_assert_int_eq(edo_io_open(&listener, reactor_of(&setup), listen_on_loopback(&address, 1)),
                     0);
    edo_accept_init(&accept, &listener);
    edo_read_init(&read, &setup.a, &byte, 1);
    edo_write_parts_init(&write, &setup.a, &part, 1);
    spawn_and_wait(&setup, &tasks[0], &accept.operation.future);
    spawn_and_wait(&setup, &tasks[1], &read.operation.future);
    spawn_and_wait(&setup, &tasks[2], &write.operation.future);
    ck_assert_int_eq(edo_executor_close(&setup.runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&accept.operation.future), -ECANCELED);
    ck_assert_int_eq(edo_future_error(&read.operation.future), -ECANCELED);
    ck_assert_int_eq(edo_future_error(&write.operation.future), -ECANCELED);
    edo_io_close(&listener);
    edo_io_close(&setup.a);
    while ((size = recv(peer, large, LARGE, 0)) > 0)
        came += (size_t)size;
    ck_assert_uint_gt(came, 0);
    ck_assert_uint_eq(came, write.done);
    close(peer);
    setup_close(&setup);
}
END_TEST

/* IO15: each byte moves the idle timeout. */
START_TEST(a_peer_that_sends_a_byte_a_second_is_not_idle)
{
    struct setup setup;
    struct edo_read read;
    struct edo_timeout timeout;
    struct edo_task task;
    char byte;

    setup_open(&setup, _i);
    for (int i = 0; i < 1000; i++) {
        edo_read_init(&read, &setup.a, &byte, 1);
        edo_timeout_init(&timeout, &read.operation.future, EDO_MS(1500));
        spawn(&setup, &task, &timeout.future);
        runtime_run_for(&setup.runtime, EDO_S(1));
        put(setup.fds[1], "x");
        ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
        ck_assert_int_eq(edo_future_error(&timeout.future), 0);
    }
    edo_read_init(&read, &setup.a, &byte, 1);
    ck_assert_int_eq(await_at_most(&setup, &read.operation.future, EDO_MS(1500)), -ETIMEDOUT);
    ck_assert_uint_eq(runtime_now(&setup.runtime), EDO_MS(1001500));
    setup_close(&setup);
}
END_TEST

/* --- Processes -------------------------------------------------------------------------------- */

static void spawn_shell(struct runtime *runtime, struct edo_child *child, char *command)
{
    char shell[] = "sh", option[] = "-c";
    char *argv[] = {shell, option, command, NULL};
    struct edo_child_options options = {
        .path = "sh", .argv = argv, .has_pipe = {true, true, false}};

    ck_assert_int_eq(edo_child_spawn(child, &runtime->executor.reactor, &options), 0);
}

/* IO12: stopped and continued, it has not ended; and its output goes on after its end, as another
 * process has it too. */
START_TEST(a_child_that_is_stopped_lives_and_its_output_may_outlive_it)
{
    char command[] = "exec 3<&0; (read -r line <&3; echo late) & echo early; kill -STOP $$; exit 5";
    struct setup setup;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_read read;
    struct edo_task task;
    siginfo_t info;
    char buffer[6];

    setup_open(&setup, _i);
    spawn_shell(&setup.runtime, &child, command);
    edo_read_exactly_init(&read, &child.stdio[1], buffer, 6);
    ck_assert_int_eq(await(&setup, &read.operation.future), 0);
    edo_child_wait_init(&wait, &child);
    spawn(&setup, &task, &wait.operation.future);
    ck_assert_int_eq(waitid(P_PID, (id_t)child.pid, &info, WSTOPPED | WNOWAIT), 0);
    for (int i = 0; i < 10; i++)
        edo_executor_turn_now(&setup.runtime.executor);
    ck_assert(edo_task_is_live(&task));
    edo_child_kill(&child, SIGCONT);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    ck_assert_int_eq(child.status, 5);
    put(edo_io_fd(&child.stdio[0]), "\n");
    edo_read_exactly_init(&read, &child.stdio[1], buffer, 5);
    ck_assert_int_eq(await(&setup, &read.operation.future), 0);
    ck_assert_mem_eq(buffer, "late\n", 5);
    edo_child_close(&child);
    setup_close(&setup);
}
END_TEST

/* IO12 */
START_TEST(two_runtimes_of_a_process_have_children_of_their_own)
{
    char first[] = "read -r line; exit 1", second[] = "exit 2";
    struct setup setup;
    struct runtime other;
    struct edo_child children[2];
    struct edo_child_wait waits[2];

    setup_open(&setup, _i);
    runtime_open(&other, _i);
    spawn_shell(&setup.runtime, &children[0], first);
    spawn_shell(&other, &children[1], second);
    edo_child_wait_init(&waits[1], &children[1]);
    runtime_await(&other, &waits[1].operation.future);
    ck_assert_int_eq(children[1].status, 2);
    edo_io_close(&children[0].stdio[0]);
    edo_child_wait_init(&waits[0], &children[0]);
    ck_assert_int_eq(await(&setup, &waits[0].operation.future), 0);
    ck_assert_int_eq(children[0].status, 1);
    edo_child_close(&children[0]);
    edo_child_close(&children[1]);
    runtime_close(&other);
    setup_close(&setup);
}
END_TEST

Suite *io_cases_suite(void)
{
    Suite *suite = suite_create("io_cases");
    TCase *fds = tcase_create("fds");
    TCase *connections = tcase_create("connections");
    TCase *forks = tcase_create("forks");
    TCase *processes = tcase_create("processes");

    tcase_add_loop_test(fds, old_news_do_not_end_a_new_wait, 0, VARIANTS);
    tcase_add_loop_test(fds, a_number_that_is_used_again_has_the_news_of_its_new_owner_only, 0,
                        VARIANTS);
    tcase_add_loop_test(fds, what_epoll_can_not_watch_is_refused_and_a_reactor_in_a_reactor_is_not,
                        0, VARIANTS);
    tcase_add_loop_test(fds, a_terminal_that_was_hung_up_is_an_error_after_its_last_bytes, 0,
                        VARIANTS);
    suite_add_tcase(suite, fds);
    tcase_add_loop_test(connections, a_reset_ends_the_write_that_waits, 0, VARIANTS);
    tcase_add_loop_test(connections,
                        a_connect_that_nobody_answers_is_ended_by_its_timeout_and_refused_later, 0,
                        VARIANTS);
    tcase_add_loop_test(connections,
                        closing_ends_accepts_and_reads_and_keeps_the_bytes_that_were_written, 0,
                        VARIANTS);
    tcase_add_loop_test(connections, a_peer_that_sends_a_byte_a_second_is_not_idle, 0,
                        VIRTUAL_VARIANTS);
    suite_add_tcase(suite, connections);
    tcase_set_tags(forks, "keeps-fds"); /* scripts/check-valgrind leaves these and the next out */
    tcase_add_loop_test(forks, a_forked_child_that_exits_or_execs_disturbs_nobody, 0, VARIANTS);
    suite_add_tcase(suite, forks);
    tcase_set_tags(processes, "pidfd");
    tcase_add_loop_test(processes, with_stdin_stdout_or_stderr_closed_everything_works, 0,
                        VARIANTS);
    tcase_add_loop_test(processes, a_child_that_is_stopped_lives_and_its_output_may_outlive_it, 0,
                        VARIANTS);
    tcase_add_loop_test(processes, two_runtimes_of_a_process_have_children_of_their_own, 0,
                        VARIANTS);
    suite_add_tcase(suite, processes);
    return suite;
}
